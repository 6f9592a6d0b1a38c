import { expect } from 'chai';
import { isSecretName } from '../../lib/doctor/secret-names.js';

const secrets = [
  'password',
  'passwd',
  'PASSWORD',
  'passwordHash',
  'password_digest',
  'userPassword',
  'passphrase',
  'pwd',
  'token',
  'accessToken',
  'access_token',
  'accesstoken',
  'refreshTokens',
  'resetPasswordToken',
  'secret',
  'clientSecret',
  'totpSecret',
  'totp',
  'otp',
  'ssn',
  'SSN',
  'cardNumber',
  'credit_card',
  'cvv',
  'cvv2',
  'CVC',
  'iban',
  'apiKey',
  'APIKey',
  'api_key',
  'apikey',
  'privateKey',
  'encryption_key',
  'recoveryCodes',
  'credentials',
];

const others = [
  'name',
  'passwordChangedAt',
  'tokenExpiry',
  'token_type',
  'tokenId',
  'cardId',
  'loginAttempts',
  'passwordAttempts',
  'secretary',
  'discard',
  'cardinal',
  'tokenized',
  'primaryKey',
  'key',
  'compass',
  'passenger',
  'hash',
  'liban',
  'lesson',
];

describe('isSecretName', () => {
  for (const name of secrets) it(`knows ${name}`, () => expect(isSecretName(name)).to.equal(true));
  for (const name of others) it(`lets ${name} be`, () => expect(isSecretName(name)).to.equal(false));
});
