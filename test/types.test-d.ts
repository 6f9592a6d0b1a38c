/** What the compiler accepts and refuses at the edges of the package. `npm run types` checks it; nothing here runs. */
import { expectTypeOf } from 'expect-type';
import {
  type BelongsToCreateAssociationMixin,
  type BelongsToManyAddAssociationMixin,
  type BelongsToManyCreateAssociationMixin,
  type BelongsToManyRemoveAssociationMixin,
  type BelongsToManySetAssociationsMixin,
  type BelongsToSetAssociationMixin,
  DataTypes,
  type HasManyAddAssociationMixin,
  type HasManyCreateAssociationMixin,
  type HasManyRemoveAssociationsMixin,
  type HasManySetAssociationsMixin,
  type HasOneCreateAssociationMixin,
  type HasOneSetAssociationMixin,
  Model,
  type ModelStatic,
  Sequelize,
  type Transaction,
} from 'sequelize';
import type * as required from '../lib/index.cjs';
import type * as imported from '../lib/index.js';
import {
  type Action,
  type Audit,
  type AuditContext,
  type AuditEntry,
  AuditError,
  type AuditErrorCode,
  type AuditOptions,
  attachAudit,
  type Baseline,
  type Blame,
  type History,
  type PastDocument,
  type Patch,
  type PlannedChange,
  type Revision,
  type Undone,
  type Verification,
} from '../lib/index.js';

class User extends Model {
  declare id: number;
}
class Post extends Model {}

declare const sequelize: Sequelize;
declare const user: User;
declare const post: Post;
declare const transaction: Transaction;
const audit = attachAudit(sequelize);
const where = {};

// attachAudit: names of models and attributes are plain strings, names of options are not.
expectTypeOf<Parameters<typeof attachAudit>[1]>().toEqualTypeOf<AuditOptions | undefined>();
expectTypeOf(attachAudit).returns.toEqualTypeOf<Audit>();
expectTypeOf<AuditOptions['models']>().toEqualTypeOf<
  | Readonly<
      Record<
        string,
        {
          readonly exclude?: readonly string[];
          readonly redact?: readonly string[];
          readonly renamed?: Readonly<Record<string, string | readonly string[]>>;
        }
      >
    >
  | undefined
>();
attachAudit(sequelize, { include: ['User'], models: { User: { exclude: ['lastSeenAt'], redact: ['passwordHash'] } } });
attachAudit(sequelize, {
  actor: () => undefined,
  capture: 'hooks',
  onUnaudited: ({ message }) => console.warn(message),
});
// @ts-expect-error a misspelt option
attachAudit(sequelize, { model: {} });
// @ts-expect-error a misspelt list
attachAudit(sequelize, { models: { User: { redacted: ['passwordHash'] } } });
// @ts-expect-error an unknown capture
attachAudit(sequelize, { capture: 'some' });

// audit.run returns what its function returns.
expectTypeOf(audit.run({ actor: 'user:42', reason: 'typo', meta: { requestId: 1 } }, () => 7)).toEqualTypeOf<number>();
expectTypeOf(audit.run({}, async () => 'x')).resolves.toEqualTypeOf<string>();
// @ts-expect-error a misspelt key
audit.run({ actr: 'user:42' }, () => 7);
// @ts-expect-error an actor is a text or a number
audit.run({ actor: user }, () => 7);

// audit.asOf opens a Sequelize of its own.
expectTypeOf(audit.asOf(new Date())).toEqualTypeOf<Promise<Sequelize>>();
audit.asOf('00000000-0000-4000-8000-000000000000', { models: ['User', User], transaction });
audit.asOf(new Date(), { onProgress: ({ entries, total, rows }) => entries / total + rows });
// @ts-expect-error a point is a Date or a changesetId
audit.asOf(1);
// @ts-expect-error a misspelt option
audit.asOf(new Date(), { model: ['User'] });

// audit.history knows the class of the record.
expectTypeOf(audit.history(user)).toEqualTypeOf<History<User>>();
expectTypeOf(audit.history(User, 1)).toEqualTypeOf<History<User>>();
expectTypeOf(audit.history(User, { a: 1, b: 2 })).toEqualTypeOf<History<User>>();
expectTypeOf(audit.history(user).at(2)).toEqualTypeOf<Promise<User | null>>();
expectTypeOf(audit.history(user).at(new Date(), { transaction })).toEqualTypeOf<Promise<User | null>>();
expectTypeOf(audit.history(user).revertTo(2)).toEqualTypeOf<Promise<User | null>>();
expectTypeOf(audit.history(user).revertTo(2, { transaction })).toEqualTypeOf<Promise<User | null>>();
expectTypeOf(audit.history(user).revertTo(2, { dryRun: true })).toEqualTypeOf<Promise<PlannedChange | null>>();
expectTypeOf(audit.history(user).revisions()).toEqualTypeOf<Promise<Revision[]>>();
expectTypeOf(audit.history(user).documentAt(2)).toEqualTypeOf<Promise<PastDocument | null>>();
expectTypeOf(audit.history(user).diff(1, new Date())).toEqualTypeOf<Promise<Patch>>();
// @ts-expect-error a point is a revision or an instant
audit.history(user).at('2');
// @ts-expect-error a model needs a key
audit.history(User);

// audit.undo takes what the log gives: entries, rows, ids. audit.blame takes a record, or a model with a key.
declare const revision: Revision;
declare const row: InstanceType<Audit['AuditLog']>;
expectTypeOf(audit.undo(revision)).toEqualTypeOf<Promise<Undone>>();
audit.undo(row, { dryRun: true, onConflict: 'skip', transaction });
audit.undo(1n);
// @ts-expect-error a record of the application is no entry
audit.undo(user);
// @ts-expect-error an unknown way
audit.undo(1, { onConflict: 'ask' });
expectTypeOf(audit.blame(user)).toEqualTypeOf<Promise<Blame[] | null>>();
expectTypeOf(audit.blame(User, 1, { transaction })).toEqualTypeOf<Promise<Blame[] | null>>();
// @ts-expect-error a model needs a key
audit.blame(User);
expectTypeOf(
  audit.history(user).revisions({ attributes: ['name'], since: new Date(), order: 'DESC', after: '7' }),
).toEqualTypeOf<Promise<Revision[]>>();
expectTypeOf(audit.entries()).toEqualTypeOf<Promise<AuditEntry[]>>();
audit.entries({ model: [User, 'Post'], recordId: '1', actor: ['ada', 7, null], action: 'update', attribute: 'name' });
audit.entries({ since: new Date(), meta: { requestId: 1 }, limit: 10, order: 'ASC', after: 7n, transaction });
// @ts-expect-error a misspelt condition
audit.entries({ models: User });
// @ts-expect-error an unknown action
audit.entries({ action: 'delete' });
attachAudit(sequelize, { indexes: { model: true, createdAt: false, attributes: ['role'], meta: ['requestId'] } });
// @ts-expect-error an unknown index
attachAudit(sequelize, { indexes: { recordId: true } });

// The log is a model like any other.
expectTypeOf(audit.AuditLog).toExtend<ModelStatic<Model>>();
audit.AuditLog.findAll({ where: { modelName: 'User', recordId: '1' }, order: [['id', 'ASC']] }).then(([entry]) => {
  expectTypeOf(entry?.action).toEqualTypeOf<Action | undefined>();
  expectTypeOf(entry?.patch).toEqualTypeOf<Patch | undefined>();
});

// Errors carry one of the codes.
expectTypeOf<AuditError>().toExtend<Error>();
expectTypeOf<AuditError['code']>().toEqualTypeOf<AuditErrorCode>();
expectTypeOf<'ERR_AUDIT_ALREADY_ATTACHED'>().toExtend<AuditErrorCode>();
expectTypeOf(AuditError).toBeConstructibleWith('ERR_AUDIT_LOG_IMMUTABLE', 'message');

// The audit option of a call: every write of Sequelize knows it, and knows its keys.
declare const said: { readonly audit: AuditContext | false | undefined };
declare const misspelt: { readonly audit: { readonly actr: string } };

user.save(said);
user.update({}, said);
user.destroy(said);
user.restore(said);
user.increment('visits', said);
user.decrement('visits', said);
User.create({}, said);
User.upsert({}, said);
User.bulkCreate([{}], said);
User.findOrCreate({ where, ...said });
User.findCreateFind({ where, ...said });
User.update({}, { where, ...said });
User.destroy({ where, ...said });
User.restore({ where, ...said });
User.truncate(said);
User.increment('visits', { where, ...said });
User.decrement('visits', { where, ...said });
sequelize.truncate(said);

// @ts-expect-error
user.save(misspelt);
// @ts-expect-error
user.update({}, misspelt);
// @ts-expect-error
user.destroy(misspelt);
// @ts-expect-error
user.restore(misspelt);
// @ts-expect-error
user.increment('visits', misspelt);
// @ts-expect-error
user.decrement('visits', misspelt);
// @ts-expect-error
User.create({}, misspelt);
// @ts-expect-error
User.upsert({}, misspelt);
// @ts-expect-error
User.bulkCreate([{}], misspelt);
// @ts-expect-error
User.findOrCreate({ where, ...misspelt });
// @ts-expect-error
User.findCreateFind({ where, ...misspelt });
// @ts-expect-error
User.update({}, { where, ...misspelt });
// @ts-expect-error
User.destroy({ where, ...misspelt });
// @ts-expect-error
User.restore({ where, ...misspelt });
// @ts-expect-error
User.truncate(misspelt);
// @ts-expect-error
User.increment('visits', { where, ...misspelt });
// @ts-expect-error
User.decrement('visits', { where, ...misspelt });
// @ts-expect-error
sequelize.truncate(misspelt);

// Reads do not have it.
// @ts-expect-error
User.findAll({ audit: false });
// @ts-expect-error
User.count({ audit: false });

// Association methods have it from the options that they extend.
declare const record: {
  setAuthor: BelongsToSetAssociationMixin<User, number>;
  createAuthor: BelongsToCreateAssociationMixin<User>;
  setProfile: HasOneSetAssociationMixin<User, number>;
  createProfile: HasOneCreateAssociationMixin<User>;
  setPosts: HasManySetAssociationsMixin<Post, number>;
  addPost: HasManyAddAssociationMixin<Post, number>;
  removePosts: HasManyRemoveAssociationsMixin<Post, number>;
  createPost: HasManyCreateAssociationMixin<Post>;
  setTags: BelongsToManySetAssociationsMixin<Post, number>;
  addTag: BelongsToManyAddAssociationMixin<Post, number>;
  removeTag: BelongsToManyRemoveAssociationMixin<Post, number>;
  createTag: BelongsToManyCreateAssociationMixin<Post>;
};
record.setAuthor(user, { audit: { actor: 1 } });
record.createAuthor({}, { audit: { actor: 1 } });
record.setProfile(user, { audit: { actor: 1 } });
record.createProfile({}, { audit: { actor: 1 } });
record.setPosts([post], { audit: { actor: 1 } });
record.addPost(post, { audit: { actor: 1 } });
record.removePosts([post], { audit: { actor: 1 } });
record.createPost({}, { audit: { actor: 1 } });
record.setTags([post], { audit: { actor: 1 } });
record.addTag(post, { audit: { actor: 1 } });
record.removeTag(post, { audit: { actor: 1 } });
record.createTag({}, { audit: { actor: 1 } });
// @ts-expect-error a misspelt key
record.addTag(post, { audit: { actr: 1 } });

// The audit option of a model.
sequelize.define('User', {}, { audit: { exclude: ['lastSeenAt'], redact: ['passwordHash'] } });
sequelize.define('User', {}, { audit: false });
User.init({ name: DataTypes.STRING }, { sequelize, audit: { redact: ['name'] } });
new Sequelize({ define: { audit: false } });
// @ts-expect-error a misspelt list
sequelize.define('User', {}, { audit: { exlude: ['lastSeenAt'] } });
// @ts-expect-error a list holds names
User.init({}, { sequelize, audit: { redact: [1] } });
// @ts-expect-error a model option says what is recorded, not who writes
sequelize.define('User', {}, { audit: { actor: 'user:42' } });

// `require` gives what `import` gives.
expectTypeOf<Exclude<keyof typeof required, 'default'>>().toEqualTypeOf<keyof typeof imported>();
expectTypeOf<typeof required.attachAudit>().toEqualTypeOf<typeof imported.attachAudit>();
expectTypeOf<required.Audit>().toEqualTypeOf<imported.Audit>();
expectTypeOf<required.AuditError>().toEqualTypeOf<imported.AuditError>();
expectTypeOf<required.AuditOptions>().toEqualTypeOf<imported.AuditOptions>();

// verify and baseline take models or names, one or several.
expectTypeOf(audit.verify()).resolves.toEqualTypeOf<Verification>();
expectTypeOf<Verification['differences'][number]['kind']>().toEqualTypeOf<
  'missingEntry' | 'brokenLink' | 'changedOutside' | 'orphan'
>();
audit.verify({ models: [User, 'Post'], limit: 10, transaction, onProgress: ({ entries, total }) => entries / total });
audit.verify({ models: User });
// @ts-expect-error: an instance is no model
audit.verify({ models: user });
expectTypeOf(audit.baseline()).resolves.toEqualTypeOf<Baseline>();
audit.baseline([User, 'acme.Post'], { batchSize: 500, differing: true, transaction });
audit.baseline('User', { onProgress: ({ modelName, rows, written }) => `${modelName} ${written / rows}` });
// @ts-expect-error: the options come second
audit.baseline({ batchSize: 500 });
