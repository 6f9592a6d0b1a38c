/** Says which names of attributes are those of secrets. */

const words = [
  'card',
  'credential',
  'credentials',
  'cvc',
  'cvv',
  'iban',
  'otp',
  'pwd',
  'secret',
  'secrets',
  'ssn',
  'token',
  'tokens',
  'totp',
];

/** In names that are written in one word, too. */
const parts = /passw(or)?d|passphrase|apikey|privatekey|secretkey|accesskey|accesstoken|authtoken/;

const pairs = ['encryption key', 'signing key', 'recovery code', 'recovery codes', 'backup code', 'backup codes'];

/** What is told of a secret, and is none. */
const about = ['at', 'attempts', 'count', 'expiry', 'id', 'type'];

export function isSecretName(attribute: string): boolean {
  const spoken = attribute
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
  if (about.includes(spoken.at(-1) ?? '')) return false;
  const text = spoken.join(' ');
  return (
    spoken.some((word) => words.includes(word)) ||
    parts.test(spoken.join('')) ||
    pairs.some((pair) => ` ${text} `.includes(` ${pair} `))
  );
}
