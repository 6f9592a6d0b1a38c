import { expect } from 'chai';
import { findingCodes } from '../../lib/doctor/finding.js';
import { read } from '../docs/pages.js';

describe('docs/doctor.md', () => {
  it('lists the codes of the code, and no others', () => {
    const rows = [...read('docs/doctor.md').matchAll(/^\| `([a-z-]+)` \| (?:error|warning) \| (.*) \|$/gm)];
    // The page links to others.
    const documented = rows.map(([, code, text]) => [code, text?.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1')]);

    expect(documented).to.deep.equal(Object.entries(findingCodes));
  });
});
