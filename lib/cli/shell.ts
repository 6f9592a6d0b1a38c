/** What every verb is given: where to write, the application's audit, signals, and the exit code. */
import type { Options } from 'sequelize';
import type { Audit } from '../index.js';
import { type ExitCode, exitCodes, Interrupted } from './exit.js';
import { loadAudit } from './load-audit.js';
import { type ColorChoice, Output } from './output.js';
import { json } from './text/escape.js';

/** The options that every verb has. */
export interface GlobalOptions {
  /** The file of the application; undefined: what package.json says. */
  readonly app?: string | undefined;
  readonly json?: boolean | undefined;
  readonly color?: ColorChoice;
}

/** Milliseconds that work is given to come to a place where nothing is half done. */
const patience = 5000;

export class Shell {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly #process: NodeJS.Process;
  readonly #stopping = new AbortController();
  #options: GlobalOptions = {};
  #careful = 0;
  /** How the process will end, unless something fails. */
  exitCode: ExitCode = exitCodes.ok;

  constructor(process: NodeJS.Process) {
    this.#process = process;
    this.stdin = process.stdin;
    this.stdout = new Output(process.stdout, process.env);
    this.stderr = new Output(process.stderr, process.env);
    process.on('SIGINT', () => this.stop(exitCodes.interrupted));
    process.on('SIGTERM', () => this.stop(exitCodes.terminated));
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
    return this.stdout.print(json(value));
  }

  async print(lines: readonly string[]): Promise<void> {
    if (lines.length > 0) await this.stdout.print(lines.join('\n'));
  }

  /** Says something beside the output: to people only, not to programs. */
  async note(text: string): Promise<void> {
    if (!this.isJson) await this.stderr.print(text);
  }

  /**
   * Ends the process: at once, or where work has asked to be careful, at its next checkpoint. Databases roll back what is open
   * when a connection ends, so a process that ends at once leaves nothing half done either.
   */
  stop(code: ExitCode): void {
    if (this.#careful === 0 || this.#stopping.signal.aborted) this.#process.exit(code);
    this.exitCode = code;
    this.#stopping.abort();
    setTimeout(() => this.#process.exit(code), patience).unref();
  }

  /** Runs work that ends at its checkpoints when the user wants it to end. */
  async carefully<T>(work: () => Promise<T>): Promise<T> {
    this.#careful += 1;
    try {
      return await work();
    } finally {
      this.#careful -= 1;
    }
  }

  /** To be called where nothing is half done. @throws Interrupted */
  checkpoint(): void {
    if (this.#stopping.signal.aborted) throw new Interrupted();
  }

  /**
   * Loads the application, and runs `work` with its audit. Statements are not logged meanwhile; the connections are
   * closed afterwards.
   *
   * @throws UsageError when there is no such file, or it exports no audit
   */
  async withAudit<T>(work: (audit: Audit) => Promise<T>): Promise<T> {
    const audit = await loadAudit(this.#options.app, this.cwd);
    (audit.sequelize as unknown as { readonly options: Options }).options.logging = false;
    try {
      return await work(audit);
    } finally {
      await audit.sequelize.close();
    }
  }
}
