/** The pictures of docs/viewer.md: taken at each run, written when AUDIT_SCREENSHOTS=write asks for it or one is missing. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Chromium } from './browser.js';

const folder = path.join(import.meta.dirname, '..', '..', 'docs', 'images');

const [wide, phone] = [
  { width: 1100, height: 760 },
  { width: 390, height: 760 },
];

const pictures = [
  { name: 'changes', path: '/', size: wide, scheme: 'light' },
  { name: 'changes-dark', path: '/', size: wide, scheme: 'dark' },
  { name: 'timeline', path: '/record?model=Product&id=1', size: { ...wide, height: 960 }, scheme: 'light' },
  { name: 'timeline-phone', path: '/record?model=Product&id=1', size: phone, scheme: 'light' },
  { name: 'timeline-phone-dark', path: '/record?model=Product&id=1', size: phone, scheme: 'dark' },
  {
    name: 'compare',
    path: '/record/compare?model=Product&id=1&from=1&to=4',
    size: { ...wide, height: 900 },
    scheme: 'light',
  },
  { name: 'blame', path: '/record/blame?model=Product&id=1', size: wide, scheme: 'light' },
  { name: 'actor', path: '/actor?name=user%3Aada', size: wide, scheme: 'dark' },
  { name: 'undo', path: '/undo?entry=8', size: wide, scheme: 'light' },
] as const;

/** @returns what was taken, by the name of its file */
export async function takeScreenshots(
  chromium: Chromium,
  address: string,
): Promise<{ readonly name: string; readonly bytes: number }[]> {
  const taken: { name: string; bytes: number }[] = [];
  mkdirSync(folder, { recursive: true });
  for (const { name, path: place, size, scheme } of pictures) {
    const page = await chromium.page({ viewport: size, colorScheme: scheme });
    await page.goto(address + place);
    const png = await page.screenshot();
    const file = path.join(folder, `${name}.png`);
    if (process.env.AUDIT_SCREENSHOTS === 'write' || !existsSync(file)) writeFileSync(file, png);
    taken.push({ name, bytes: png.length });
    await page.close();
  }
  return taken;
}
