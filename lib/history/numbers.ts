/** A set of whole numbers that takes one bit for each where they lie close together, as the ids of entries do. */
const blockSize = 2 ** 15;

export class Numbers {
  readonly #blocks = new Map<number, Uint8Array>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(number: number): boolean {
    const [block, place] = placeOf(number);
    return (((this.#blocks.get(block)?.[place >> 3] ?? 0) >> (place & 7)) & 1) === 1;
  }

  /** @returns false when it was there already */
  add(number: number): boolean {
    if (this.has(number)) return false;
    const [block, place] = placeOf(number);
    const bits = this.#blocks.get(block) ?? new Uint8Array(blockSize / 8);
    this.#blocks.set(block, bits);
    bits[place >> 3] = (bits[place >> 3] as number) | (1 << (place & 7));
    this.#size += 1;
    return true;
  }
}

function placeOf(number: number): [number, number] {
  const block = Math.floor(number / blockSize);
  return [block, number - block * blockSize];
}
