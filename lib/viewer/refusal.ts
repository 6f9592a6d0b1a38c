/** A request that is not answered with what it asked for, and why: in words that may be shown. */
export class Refusal extends Error {
  readonly status: 400 | 403 | 404 | 405 | 409 | 413;

  constructor(status: Refusal['status'], message: string) {
    super(message);
    this.status = status;
  }
}

/** What is not there, and what may not be seen: nobody can tell one from the other. */
export function notFound(what: string): Refusal {
  return new Refusal(404, `There is no such ${what}, or it is not yours to see.`);
}
