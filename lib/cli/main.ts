#!/usr/bin/env node
/** The program `sequelize-audit`: it runs one verb, and ends the process with its exit code. */
import { missingPackage } from './missing-package.js';

async function main(): Promise<void> {
  try {
    // Not at the top: what they need may not be installed.
    const { run } = await import('./program.js');
    await run(process);
  } catch (error) {
    const name = missingPackage(error);
    if (name === null) throw error;
    process.stderr.write(
      `sequelize-audit: the command line needs the package ${name}, which is not installed: npm install ${name}\n`,
    );
    process.exitCode = 3;
  }
}

void main();
