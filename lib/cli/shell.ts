/** What every verb is given: where to write, the application's audit, signals, and the exit code. */
import type { Options } from 'sequelize';
import type { Audit } from '../index.js';
import { type ExitCode, exitCodes, Interrupted } from './exit.js';
import { loadAudit } from './load-audit.js';
import { type ColorChoice, Output } from './output.js';
import { jsonLine } from './text/json-line.js';

/** The options that every verb has. */
export interface GlobalOptions {
  /** The file of the application; undefined: what package.json says. */
  readonly app?: string | undefined;
  readonly json?: boolean | undefined;
  readonly color?: ColorChoice;
}

export class Shell {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly #process: NodeJS.Process;
  readonly #stopping = new AbortController();
  #options: GlobalOptions = {};
  /** How the process will end, unless something fails. */
  exitCode: ExitCode = exitCodes.ok;

  constructor(process: NodeJS.Process) {
    this.#process = process;
    this.stdout = new Output(process.stdout, process.env);
    this.stderr = new Output(process.stderr, process.env);
  }

  /** Takes the options that stand before or after the verb. */
  configure(options: GlobalOptions): void {
    this.#options = options;
    this.stdout.choose(options.color);
    this.stderr.choose(options.color);
  }

  get cwd(): string {
    return this.#process.cwd();
  }

  /** Whether to write one JSON object a line, for programs. */
  get isJson(): boolean {
    return this.#options.json === true;
  }

  /** Writes one object as a line of JSON. */
  printJson(value: unknown): Promise<void> {
    return this.stdout.print(jsonLine(value));
  }

  /** Aborted by Ctrl-C and SIGTERM. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** To be called where nothing is half done. @throws Interrupted */
  checkpoint(): void {
    if (this.signal.aborted) throw new Interrupted();
  }

  /**
   * Loads the application, and runs `work` with its audit. Statements are not logged meanwhile; the connections are closed afterwards.
   *
   * @throws UsageError when there is no such file, or it exports no audit
   */
  async withAudit<T>(work: (audit: Audit) => Promise<T>): Promise<T> {
    const audit = await loadAudit(this.#options.app, this.cwd);
    (audit.sequelize as unknown as { options: Options }).options.logging = false;
    try {
      return await work(audit);
    } finally {
      await audit.sequelize.close();
    }
  }
}
