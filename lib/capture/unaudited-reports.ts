/** Tells of writes that go past the capture, as the application has asked to be told. */
import { AuditError } from '../errors.js';
import type { OnUnaudited, UnauditedWrite } from '../options.js';

/** Warnings that are remembered, so as to be given once. */
const remembered = 1000;

export class UnauditedReports {
  readonly #onUnaudited: OnUnaudited;
  readonly #warned = new Set<string>();

  constructor(onUnaudited: OnUnaudited) {
    this.#onUnaudited = onUnaudited;
  }

  /** @throws AuditError ERR_AUDIT_WRITE_UNSEEN where such a write is refused, and whatever the application's function throws */
  report(write: UnauditedWrite): void {
    if (typeof this.#onUnaudited === 'function') this.#onUnaudited(write);
    else if (this.#onUnaudited === 'throw') throw new AuditError('ERR_AUDIT_WRITE_UNSEEN', write.message);
    else if (this.#onUnaudited === 'warn' && !this.#warned.has(write.message)) {
      // An application that writes its SQL anew each time must not fill the memory; it is warned again instead.
      if (this.#warned.size >= remembered) this.#warned.clear();
      this.#warned.add(write.message);
      process.emitWarning(write.message, 'AuditWarning');
    }
  }
}
