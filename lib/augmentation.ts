/** Adds the `audit` key to the options that Sequelize's own types know. */
import type { AuditContext } from './context.js';
import type { ModelAuditOptions } from './options.js';

/** Per call: who and why, over `audit.run`; false leaves this write unrecorded. */
export interface Auditable {
  readonly audit?: AuditContext | false | undefined;
}

// A declaration may leave out type parameters that have defaults, as all of Sequelize's here have. Options that
// extend one of these, those of association methods among them, take the key from it.
declare module 'sequelize' {
  interface SaveOptions extends Auditable {}
  interface CreateOptions extends Auditable {}
  interface InstanceDestroyOptions extends Auditable {}
  interface InstanceRestoreOptions extends Auditable {}
  interface BulkCreateOptions extends Auditable {}
  interface UpdateOptions extends Auditable {}
  interface TruncateOptions extends Auditable {}
  interface RestoreOptions extends Auditable {}
  interface UpsertOptions extends Auditable {}
  interface IncrementDecrementOptions extends Auditable {}

  interface ModelOptions {
    /** Attributes to leave out of this model's entries, besides those of `attachAudit`; false: not audited. */
    readonly audit?: ModelAuditOptions | boolean | undefined;
  }
}
