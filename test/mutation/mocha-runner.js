/**
 * Lets StrykerJS run the tests as `npm test` does. Its own runner for mocha knows neither mocha 12 nor global fixtures,
 * which start and stop the servers.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  determineHitLimitReached,
  MutantRunStatus,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import Mocha from 'mocha';
import { lookupFiles } from 'mocha/lib/cli/lookup-files.js';
import { handleRequires } from 'mocha/lib/cli/run-helpers.cjs';

/** What the instrumented code reads and writes: which mutant is active, and what ran under which test. */
const state = globalThis.__stryker__ ?? {};
globalThis.__stryker__ = state;

class MochaRunner {
  static inject = tokens(commonTokens.options);

  #patterns;
  #mocha;
  #isLoaded = false;

  constructor({ mutate }) {
    // A file of lib/ is judged by the tests in the folder of the same name, so no others are loaded.
    const folders = new Set(mutate.map((pattern) => testFolderOf(pattern)));
    this.#patterns = [...folders].map((folder) => path.join(folder, '*.test.ts'));
  }

  capabilities() {
    // A module is loaded once, so what runs while it loads is judged in a process of its own.
    return { reloadEnvironment: false };
  }

  async init() {
    const plugins = await handleRequires(['test/setup/fixtures.ts', 'test/setup/suite.ts']);
    this.#mocha = new Mocha({
      ...plugins,
      bail: true,
      timeout: 30_000,
      enableGlobalSetup: false,
      enableGlobalTeardown: false,
    });
    this.#mocha.cleanReferencesAfterRun(false);
    for (const file of this.#patterns.flatMap((pattern) => lookupFiles(pattern))) this.#mocha.addFile(file);
    await this.#mocha.runGlobalSetup();
  }

  async dryRun() {
    await this.#load();
    // To count what each test reaches makes them many times slower; Stryker has a limit of its own for the whole.
    const { suite } = this.#mocha;
    suite.eachTest((test) => test.timeout(test.timeout() * 10));
    const result = await this.#run();
    suite.eachTest((test) => test.timeout(test.timeout() / 10));
    return { ...result, mutantCoverage: state.mutantCoverage };
  }

  /** @param testFilter titles of the tests that reach the mutant; none where it is reached as a module loads */
  async mutantRun({ activeMutant, testFilter, hitLimit, sandboxFileName }) {
    if (!isInSample(activeMutant)) return { status: MutantRunStatus.Error, errorMessage: 'Not in the sample' };

    // Before the modules are loaded, as some of their code runs only then.
    state.activeMutant = activeMutant.id;
    state.hitLimit = hitLimit;
    state.hitCount = hitLimit === undefined ? undefined : 0;
    await this.#load();

    const folder = path.resolve(testFolderOf(path.relative('.', sandboxFileName)));
    const titles = [];
    this.#mocha.suite.eachTest((test) => {
      const isNear = path.resolve(test.file).startsWith(folder + path.sep);
      if (isNear && (testFilter?.includes(test.fullTitle()) ?? true)) titles.push(test.fullTitle());
    });
    const escaped = titles.map((title) => title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    this.#mocha.grep(new RegExp(`^(${escaped.join('|')})$`));
    return toMutantRunResult(await this.#run());
  }

  async dispose() {
    await this.#mocha?.runGlobalTeardown();
  }

  async #load() {
    if (this.#isLoaded) return;
    await this.#mocha.loadFilesAsync();
    this.#isLoaded = true;
    const { suite } = this.#mocha;
    const { AUDIT_MUTATION_SKIP: skipped } = process.env;
    if (skipped) suite.suites = suite.suites.filter(({ title }) => !new RegExp(skipped).test(title));
    // Fast ones and small ones first, as the first test to fail ends the run.
    suite.suites.sort((left, right) => rankOf(left) - rankOf(right) || left.total() - right.total());
  }

  async #run() {
    const tests = [];
    let started = performance.now();
    const add = (test, status, error) => {
      const id = test.fullTitle();
      const now = performance.now();
      tests.push({ id, name: id, status, timeSpentMs: now - started, failureMessage: error?.message ?? '' });
      started = now;
    };
    await new Promise((resolve) => {
      const runner = this.#mocha.reporter(class {}).run(resolve);
      runner.on('hook', ({ title, parent }) => {
        // What a suite does before its tests counts as done by the first of them.
        if (title.startsWith('"before all"')) state.currentTestId = firstOf(parent)?.fullTitle();
      });
      runner.on('test', (test) => {
        state.currentTestId = test.fullTitle();
      });
      runner.on('pass', (test) => add(test, TestStatus.Success));
      runner.on('pending', (test) => add(test, TestStatus.Skipped));
      runner.on('fail', (test, error) => add(test.ctx?.currentTest ?? test, TestStatus.Failed, error));
    });
    return determineHitLimitReached(state.hitCount, state.hitLimit) ?? { status: DryRunStatus.Complete, tests };
  }
}

function testFolderOf(file) {
  return path.join('test', path.relative('lib', path.dirname(file)));
}

/** Whether a mutant is among those that are tried where AUDIT_MUTATION_SAMPLE is a share of all, the same every time. */
function isInSample({ fileName, location, replacement }) {
  const share = Number(process.env.AUDIT_MUTATION_SAMPLE ?? 1);
  const place = JSON.stringify([path.basename(fileName), location, replacement]);
  return createHash('sha256').update(place).digest().readUInt32BE() < share * 2 ** 32;
}

/** Suites without a database, then those on SQLite in memory, then on the others. */
function rankOf({ title }) {
  return [/ on SQLite in memory$/, / on SQLite$/, / on (PostgreSQL|MariaDB|MySQL)/].findIndex((end) => end.test(title));
}

function firstOf(suite) {
  return suite.tests[0] ?? suite.suites.map(firstOf).find(Boolean);
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'mocha', MochaRunner)];
