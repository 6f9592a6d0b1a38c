/** Shows a value, what it was and what it became. */
import type { Change, Json } from '../../index.js';
import { segmentsOf } from '../read/pointer.js';
import { redacted } from '../read/sight.js';
import { head, lineDiff, type Piece, type Pieces, textDiff } from './text-diff.js';

interface Shown {
  /** Characters. */
  readonly room: number;
}

/** The name of what changed: that of an attribute, or the way into its JSON. */
export function Place({ path, length = 60 }: { readonly path: string; readonly length?: number }) {
  const [attribute = '', ...inner] = segmentsOf(path);
  const names = inner.length > 8 ? [...inner.slice(0, 8), '…'] : inner;
  return (
    <code class="place">
      {short(attribute, length)}
      {names.map((name) => (
        <>
          <span class="into">›</span>
          <wbr />
          {short(name, length)}
        </>
      ))}
    </code>
  );
}

export function Value({ value, room, whole }: Shown & { readonly value: Json | undefined; readonly whole: string }) {
  if (value === undefined) return <span class="none">nothing</span>;
  if (isRedacted(value)) return <Hidden />;
  if (value === null) return <span class="none">null</span>;
  if (value === '') return <span class="none">empty text</span>;
  const text = textOf(value);
  const shown = head(text, room);
  return (
    <>
      {isBlock(value) ? <span class="block">{shown}</span> : <span class={`value ${typeof value}`}>{shown}</span>}
      {shown.length < text.length && <Whole to={whole} of={text.length} />}
    </>
  );
}

/** @param whole the address of a value as a whole, by its side */
export function Difference({
  change: { from, to },
  room,
  whole,
}: Shown & { readonly change: Change; readonly whole: (side: 'from' | 'to') => string }) {
  if (isRedacted(from) || isRedacted(to)) {
    return (
      <>
        <Hidden /> {from === undefined ? 'was set' : to === undefined ? 'was removed' : 'was changed'}
      </>
    );
  }
  if (from === undefined) return <Came value={to} room={room} whole={whole('to')} />;
  if (to === undefined) return <Went value={from} room={room} whole={whole('from')} />;
  if (isContainer(from) && isContainer(to))
    return <Lines pieces={lineDiff(textOf(from), textOf(to), room)} whole={whole} />;
  const areTexts = typeof from === 'string' && typeof to === 'string';
  if (
    areTexts &&
    from !== '' &&
    to !== '' &&
    (from.length + to.length > 60 || [from, to].some((text) => text.includes('\n')))
  )
    return <Words pieces={textDiff(from, to, room)} whole={whole} />;
  return (
    <span class="pair">
      <Went value={from} room={room} whole={whole('from')} />
      <span class="arrow" aria-hidden="true">
        →
      </span>
      <Came value={to} room={room} whole={whole('to')} />
    </span>
  );
}

function Went(props: Shown & { readonly value: Json | undefined; readonly whole: string }) {
  return (
    <del class={isBlock(props.value) ? 'boxed' : undefined}>
      <Sign of="removed" />
      <Value {...props} />
    </del>
  );
}

function Came(props: Shown & { readonly value: Json | undefined; readonly whole: string }) {
  return (
    <ins class={isBlock(props.value) ? 'boxed' : undefined}>
      <Sign of="added" />
      <Value {...props} />
    </ins>
  );
}

function Words({ pieces: { pieces, isCut }, whole }: WholePieces) {
  return (
    <>
      <span class="words">
        {pieces.map((piece) => (
          <PieceOf {...piece} />
        ))}
      </span>
      {(isCut || isShortened(pieces)) && <Both whole={whole} />}
    </>
  );
}

function PieceOf({ kind, text }: Piece) {
  if (kind === 'removed')
    return (
      <del>
        <Sign of="removed" />
        <span class="gone">{text}</span>
      </del>
    );
  if (kind === 'added')
    return (
      <ins>
        <Sign of="added" />
        {text}
      </ins>
    );
  return kind === 'cut' ? <span class="cut"> … </span> : text;
}

function Lines({ pieces: { pieces, isCut }, whole }: WholePieces) {
  return (
    <>
      <span class="lines">
        {pieces.flatMap(({ kind, text }) =>
          text
            .replace(/\n$/, '')
            .split('\n')
            .map((line) => <Line kind={kind} text={line} />),
        )}
      </span>
      {(isCut || isShortened(pieces)) && <Both whole={whole} />}
    </>
  );
}

function Line({ kind, text }: Piece) {
  if (kind === 'removed')
    return (
      <del class="line">
        <Sign of="removed" />
        {text}
      </del>
    );
  if (kind === 'added')
    return (
      <ins class="line">
        <Sign of="added" />
        {text}
      </ins>
    );
  return <span class="line same">{kind === 'cut' ? '…' : text}</span>;
}

function Sign({ of }: { readonly of: 'removed' | 'added' }) {
  return <span class="sign">{of === 'removed' ? '−' : '+'}</span>;
}

function Hidden() {
  return (
    <span class="hidden-value" title="The log does not hold this value, or may not show it">
      hidden value
    </span>
  );
}

function Whole({ to, of }: { readonly to: string; readonly of: number }) {
  return (
    <>
      {'… '}
      <a class="whole" href={to}>
        all {of.toLocaleString('en')} characters
      </a>
    </>
  );
}

function Both({ whole }: Pick<WholePieces, 'whole'>) {
  return (
    <span class="whole">
      Whole: <a href={whole('from')}>before</a>, <a href={whole('to')}>after</a>
    </span>
  );
}

interface WholePieces {
  readonly pieces: Pieces;
  readonly whole: (side: 'from' | 'to') => string;
}

function isShortened(pieces: readonly Piece[]): boolean {
  return pieces.some(({ kind }) => kind === 'cut');
}

/** Whether a value needs lines of its own. */
function isBlock(value: Json | undefined): boolean {
  return typeof value === 'string' ? value.includes('\n') : isContainer(value) && !isRedacted(value);
}

/** A text as it is, all else as JSON. */
export function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

/** A name that fits into a line. */
export function short(text: string, length = 80): string {
  return text.length > length ? `${head(text, length - 1)}…` : text;
}

export function isRedacted(value: Json | undefined): boolean {
  return isContainer(value) && JSON.stringify(value) === JSON.stringify(redacted);
}

function isContainer(value: Json | undefined): value is readonly Json[] | { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null;
}
