/** JSON Pointers (RFC 6901): attribute names to paths and back. */

/** The pointer to `segments`, from the root down; no segments is the whole document (`''`). */
export function pointer(...segments: readonly string[]): string {
  // RFC 6901 §3: "~" before "/", so that an escaped slash is not escaped again.
  return segments.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The segments a pointer names, unescaped; `''` has none. */
export function segmentsOf(path: string): string[] {
  // RFC 6901 §4: "~1" before "~0", so that "~01" means "~1".
  return path
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}
