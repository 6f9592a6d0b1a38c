/** Where text goes: a terminal, a file, or a pipe whose reader may go away. */
import picocolors from 'picocolors';
import { OutputClosed } from './exit.js';

export type Colors = ReturnType<typeof picocolors.createColors>;

/** What the user says of colours; undefined is nothing. */
export type ColorChoice = boolean | undefined;

export class Output {
  readonly #stream: NodeJS.WriteStream;
  readonly #write: NodeJS.WriteStream['write'];
  readonly #env: NodeJS.ProcessEnv;
  #isClosed = false;
  #colors: Colors;

  constructor(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv) {
    this.#stream = stream;
    // That of today: `takeOver` gives the stream another one.
    this.#write = stream.write.bind(stream);
    this.#env = env;
    this.#colors = picocolors.createColors(false);
    this.choose(undefined);
    stream.on('error', () => {
      this.#isClosed = true;
    });
  }

  /** `--color`, `--no-color`; else https://no-color.org, and no colours where nobody looks. */
  choose(choice: ColorChoice): void {
    const { NO_COLOR, TERM } = this.#env;
    const isWanted = choice ?? (this.isTerminal && !NO_COLOR && TERM !== 'dumb');
    this.#colors = picocolors.createColors(isWanted);
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  /** Columns of the terminal; null where lines may have any length. */
  get columns(): number | null {
    return this.isTerminal ? this.#stream.columns || 80 : null;
  }

  get colors(): Colors {
    return this.#colors;
  }

  /** From now on what others write here goes to another stream. */
  takeOver(other: NodeJS.WriteStream): void {
    this.#stream.write = other.write.bind(other);
  }

  /** For libraries that write by themselves. */
  get stream(): NodeJS.WriteStream {
    return this.#stream;
  }

  /**
   * Writes a line, or several, and waits until they are taken.
   *
   * @throws OutputClosed when the reader has gone away
   */
  async print(text: string): Promise<void> {
    await this.write(`${text}\n`);
  }

  /** @throws OutputClosed */
  write(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(new OutputClosed());
      this.#write(text, (error) => (error ? reject(new OutputClosed()) : resolve()));
    });
  }
}
