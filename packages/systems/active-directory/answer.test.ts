import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HalliganError, utf8Text } from '@halligan/format';
import {
  ConstraintViolationError,
  InsufficientAccessError,
  InvalidCredentialsError,
  UnwillingToPerformError,
} from 'ldapts';
import { assertSilent } from '../contract.ts';
import { generatePassword } from '../generate-password.ts';
import { explainAdBind, explainAdResult } from './answer.ts';

/** As Windows Server words a refused simple bind; Samba's differs in the numbers around. */
const bind = (data: string) =>
  explainAdBind(
    new InvalidCredentialsError(
      `80090308: LdapErr: DSID-0C090453, comment: AcceptSecurityContext error, data ${data}, v4563`,
    ),
  );

test('every sub-code of a refused sign-in has its own answer', () => {
  for (const data of ['52e', '525', '52E']) assert.equal(bind(data), undefined, data);
  const answers: readonly (readonly [string, string])[] = [
    ['775', 'systems.account-locked'],
    ['532', 'systems.password-expired'],
    ['773', 'systems.password-expired'],
    ['533', 'systems.account-disabled'],
    ['701', 'systems.account-expired'],
    ['530', 'systems.sign-in-restricted'],
    ['531', 'systems.sign-in-restricted'],
    ['52f', 'systems.sign-in-restricted'],
    ['569', 'systems.sign-in-restricted'],
    ['57', 'systems.refused'],
    ['0', 'systems.refused'],
  ];
  for (const [data, code] of answers) {
    const told = bind(data);
    assert.equal(told?.code, code, data);
    assert.match(told.message, new RegExp(`sub-code ${data}\\)`));
    assert.notEqual(told.hint, '');
  }
  assert.equal(new Set(answers.map(([data]) => bind(data)?.message)).size, answers.length);
});

test('a refusal without a sub-code is one of the password; another result code never is', () => {
  assert.equal(explainAdBind(new InvalidCredentialsError('Invalid Credentials')), undefined);
  assert.equal(
    explainAdBind(new UnwillingToPerformError('data 52e, 00000000: '))?.code,
    'systems.unwilling',
  );
});

test('what refuses a change is told in words, for Windows’ spelling and Samba’s', () => {
  const refusals: readonly (readonly [HalliganError, string, RegExp])[] = [
    [
      explainAdResult(
        new UnwillingToPerformError(
          '0000001F: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0',
        ),
      ),
      'systems.confidentiality-required',
      /not encrypted enough/,
    ],
    [
      explainAdResult(
        new UnwillingToPerformError(
          '0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0',
        ),
      ),
      'systems.constraint',
      /does not say which rule \(LDAP result code 53, 0000052D\)/,
    ],
    [
      explainAdResult(
        new ConstraintViolationError(
          '0000052D: AtrErr: DSID-03191083, #1: 0: 0000052D: DSID-03191083, problem 1005 (CONSTRAINT_ATT_TYPE)',
        ),
      ),
      'systems.constraint',
      /LDAP result code 19, 0000052D/,
    ],
    [
      explainAdResult(
        new ConstraintViolationError(
          '0000052D: Constraint violation - check_password_restrictions: the password was already used (in history)!',
        ),
      ),
      'systems.constraint',
      /used before/,
    ],
    [
      explainAdResult(
        new ConstraintViolationError('00000056: AtrErr: DSID-03191083, #1: 0: 00000056: problem'),
      ),
      'systems.old-rejected',
      /not its present one/,
    ],
    [
      explainAdResult(
        new InsufficientAccessError(
          '00002098: SecErr: DSID-03150F94, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0',
        ),
      ),
      'systems.insufficient-access',
      /does not allow/,
    ],
  ];
  for (const [told, code, words] of refusals) {
    assert.equal(told.code, code);
    assert.match(told.message, words);
    assert.notEqual(told.hint, '');
  }
});

test('what a server says is not repeated, a password in it neither', () => {
  const secret = generatePassword();
  const text = utf8Text(secret);
  for (const error of [
    explainAdBind(new InvalidCredentialsError(`${text} data 775, ${text}`)),
    explainAdResult(new ConstraintViolationError(`0000052D: ${text}`)),
    explainAdResult(new UnwillingToPerformError(`0000001F: ${text}`)),
  ]) {
    assert.notEqual(error, undefined);
    assertSilent(error, secret);
  }
});
