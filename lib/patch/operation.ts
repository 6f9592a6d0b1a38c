/** The values of a patch: JSON, documents, and the operations of RFC 6902 that this package reads and writes. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A record as plain JSON: audited attribute name to encoded value. */
export type Document = { readonly [attribute: string]: Json };

/** One operation of RFC 6902 §4. `path` is a JSON Pointer (RFC 6901). */
export type Operation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly path: string; readonly from: string };

export type Patch = readonly Operation[];
