import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';

const root = path.join(import.meta.dirname, '..', 'lib');

/** From left to right: a file imports what stands left of it, or in its own folder. */
const layout = [
  ['errors', 'internals', 'scoped'],
  ['options', 'context'],
  ['patch'],
  ['record'],
  ['log'],
  ['capture', 'history'],
  ['attach', 'augmentation'],
  ['index'],
  ['requests', 'migration', 'doctor'],
  ['cli', 'viewer'],
];

/** They stand on what the package exports, and on nothing else of the core. */
const wings = layout.slice(-2).flat();

/** Packages that one part alone may import, beside `sequelize`, those of Node, and types of frameworks. */
const tools: Record<string, readonly string[]> = {
  requests: ['@nestjs/common', '@nestjs/core', 'rxjs'],
  cli: ['cli-progress', 'cli-table3', 'commander', 'diff', 'jiti', 'picocolors'],
  viewer: ['@hono/node-server', 'diff', 'hono'],
};

/** May be imported from anywhere: types without a thought in them. */
const allowed: Record<string, readonly string[]> = {};

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.c?tsx?$/.test(name));

function placeOf(file: string): string {
  return file.split(path.sep)[0]?.replace(/\.c?tsx?$/, '') as string;
}

function columnOf(file: string): number {
  return layout.findIndex((places) => places.includes(placeOf(file)));
}

function importsOf(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const found = [...text.matchAll(/(?:from|import|require)\s*\(?\s*'(\.[^']+)'/g)].map(([, name]) => name as string);
  return found
    .map((name) => path.normalize(path.join(path.dirname(file), name)).replace(/\.js$/, '.ts'))
    .map((name) => (files.includes(name) ? name : name.replace(/\.ts$/, '.tsx')));
}

describe('The layout of lib/', () => {
  it('knows every file', () => {
    expect(files.length).to.be.greaterThan(20);
    expect(files.filter((file) => columnOf(file) === -1)).to.deep.equal([]);
  });

  for (const file of files) {
    it(`lets ${file} import only what stands left of it`, () => {
      const wrong = importsOf(file).filter(
        (name) => placeOf(name) !== placeOf(file) && columnOf(name) >= columnOf(file) && !allowed[file]?.includes(name),
      );

      expect(wrong).to.deep.equal([]);
    });
  }

  it('lets what stands on the package see only what the package exports', () => {
    const core = (name: string) => !wings.includes(placeOf(name)) && name !== 'index.ts';
    const wrong = files
      .filter((file) => wings.includes(placeOf(file)))
      .flatMap((file) =>
        importsOf(file)
          .filter(core)
          .map((name) => `${file}: ${name}`),
      );

    expect(wrong).to.deep.equal([]);
  });

  it('lets each part import only the packages that are its own', () => {
    const wrong = files.flatMap((file) => {
      const text = readFileSync(path.join(root, file), 'utf8');
      const named = [...text.matchAll(/^(import|export) (?!type )[^;]*?from '([^'.][^']*)'/gm)].map(
        ([, , name]) => name as string,
      );
      const packages = named
        .filter((name) => !name.startsWith('node:'))
        .map((name) => name.match(/^(@[^/]+\/)?[^/]+/)?.[0] as string);
      const own = [
        ...(tools[placeOf(file)] ?? []),
        ...(wings.includes(placeOf(file)) ? [] : ['fast-json-patch', 'sequelize']),
      ];
      return packages.filter((name) => !own.includes(name)).map((name) => `${file}: ${name}`);
    });

    expect(wrong).to.deep.equal([]);
  });

  it('has no circle of imports', () => {
    const done = new Set<string>();
    const visit = (file: string, trail: readonly string[]): void => {
      expect(trail, [...trail, file].join(' → ')).not.to.include(file);
      if (done.has(file)) return;
      for (const next of importsOf(file)) visit(next, [...trail, file]);
      done.add(file);
    };

    for (const file of files) visit(file, []);
  });

  it('keeps Sequelize out of patch/, and its undocumented fields in internals.ts', () => {
    for (const file of files) {
      const text = readFileSync(path.join(root, file), 'utf8');
      if (file.startsWith('patch')) expect(text, file).not.to.match(/from 'sequelize'/);
      if (file !== 'internals.ts') {
        expect(text, file).not.to.match(
          /\._(schema|timestampAttributes|versionAttribute|previousDataValues|cls|indexes)\b/,
        );
      }
    }
  });

  it('keeps every file small', () => {
    const lines = (file: string) => readFileSync(path.join(root, file), 'utf8').split('\n').length;
    const sizes = files.map(lines).sort((left, right) => left - right);

    expect(files.filter((file) => lines(file) > 310)).to.deep.equal([]);
    expect(sizes[Math.floor(sizes.length / 2)]).to.be.at.most(130);
  });

  it('keeps no state in modules', () => {
    for (const file of files) {
      const text = readFileSync(path.join(root, file), 'utf8');
      expect(text, file).not.to.match(/^(export )?(let|var) /m);
      expect(text, file).not.to.match(/^(export )?const \w+ = new (Weak)?(Map|Set)\(/m);
    }
  });
});
