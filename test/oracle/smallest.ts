/** Leaves out of a counterexample, of its program and of its schema, what it fails without. */

import type { Schema } from '../programs/schema.js';
import type { Step } from '../programs/step.js';
import type { Database } from '../setup/databases.js';
import { judge } from './oracle.js';
import { type Session, withSession } from './session.js';
import { Statistics } from './statistics.js';

export interface Counterexample {
  readonly schema: Schema;
  readonly program: readonly Step[];
  readonly message: string;
}

/** As little as fails in the same way. @param session of the schema as it is */
export async function smallest(database: Database, session: Session, whole: Counterexample): Promise<Counterexample> {
  const kind = kindOf(whole.message);
  let { message } = whole;
  const fails = async (open: Session, program: readonly Step[]) => {
    // What is made at once goes wrong now and then only.
    const tries = program.some((step) => step.kind === 'parallel') ? 5 : 1;
    for (let index = 0; index < tries; index += 1) {
      try {
        await judge(open, program, new Statistics());
      } catch (error) {
        if (kindOf(messageOf(error)) !== kind) continue;
        message = messageOf(error);
        return true;
      }
    }
    return false;
  };
  const program = await reduce(whole.program, (part) => fails(session, part));
  // A schema that lacks too much cannot be opened.
  const schema = await reduce(whole.schema, (part) =>
    withSession(database, part, (open) => fails(open, program)).catch(() => false),
  );
  return { schema, program, message };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What is wrong, without where. */
function kindOf(message: string): string | undefined {
  return message.split('\n')[0]?.split(': ').at(-1);
}

/** @returns the smallest part that fails, from which nothing more can be left out alone */
async function reduce<T>(whole: T, fails: (part: T) => Promise<boolean>): Promise<T> {
  for (const part of smaller(whole)) {
    if (await fails(part as T)) return reduce(part as T, fails);
  }
  return whole;
}

/** Every value that has one element or member less, or a false for a true. */
function* smaller(value: unknown): Generator<unknown> {
  if (value === true) yield false;
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const index of value.keys()) yield value.toSpliced(index, 1);
    for (const [index, element] of value.entries()) {
      for (const part of smaller(element)) yield value.with(index, part);
    }
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    const { [name]: _, ...others } = value as Record<string, unknown>;
    // What is left of a value that is no JSON without its mark is another value.
    if (member !== false && !name.startsWith('$')) yield others;
    for (const part of smaller(member)) yield { ...value, [name]: part };
  }
}
