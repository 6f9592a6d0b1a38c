/** A process with writers, as its killer sees it. */
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { Order, Report, Settings, Word } from './messages.js';

/** Milliseconds after which writers that do not answer are taken to be stuck. */
const patience = 40_000;

interface Waiting {
  readonly word: Word;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class WriterProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #heard = new Set<Word>();
  readonly #onReport: (report: Report) => void;
  #waiting: Waiting | null = null;
  #complaint = '';

  /** Loads everything that the writers need; they begin with `go`. */
  constructor(settings: Settings, onReport: (report: Report) => void) {
    this.#onReport = onReport;
    this.#child = fork(path.join(import.meta.dirname, 'writer.ts'), [JSON.stringify(settings)], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on('data', (text) => {
      this.#complaint += String(text);
    });
    this.#child.on('message', (report: Report) => this.#hear(report));
    this.#ended = new Promise((resolve) => this.#child.once('close', () => resolve()));
    this.#child.once('close', (code, signal) => this.#fail(`ended with ${code ?? signal}: ${this.#complaint}`));
  }

  /** Begins to write, and resolves with the first commits. */
  async go(): Promise<void> {
    await this.#until('ready');
    this.#send('go');
    await this.#until('alive');
  }

  /** Resolves when every writer has committed something that it began after this call. */
  async goOn(): Promise<void> {
    this.#send('mark');
    await this.#until('through');
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Lets the writers end what they do, close their connections and exit by themselves. */
  async stop(): Promise<void> {
    this.#send('stop');
    await this.#until('done');
    await this.#ended;
  }

  #send(order: Order): void {
    if (this.#child.connected) this.#child.send(order);
  }

  #hear(report: Report): void {
    this.#onReport(report);
    this.#heard.add(report.word);
    if (this.#waiting?.word !== report.word) return;
    this.#heard.delete(report.word);
    this.#waiting.resolve();
  }

  #fail(message: string): void {
    this.#waiting?.reject(new Error(`The process with the writers ${message}`));
  }

  async #until(word: Word): Promise<void> {
    if (this.#heard.delete(word)) return;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null)
      throw new Error(`The process with the writers has ended: ${this.#complaint}`);
    const timer = setTimeout(() => this.#fail(`did not say "${word}" for ${patience} ms`), patience);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#waiting = { word, resolve, reject };
      });
    } finally {
      clearTimeout(timer);
      this.#waiting = null;
    }
  }
}
