import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HalliganError, sameBytes, utf8 } from '@halligan/format';
import { refuses } from './contract.ts';
import type { Driver, Proof } from './index.ts';
import { proveRotation } from './index.ts';

const fresh = utf8('the fresh password');
const old = utf8('the old password');
const silence = new HalliganError('systems.timeout', 'No answer.', 'Try again.');

/** A driver whose proofs are scripted; it notes who was tried. */
function scripted(...answers: (Proof | HalliganError)[]) {
  const tried: string[] = [];
  const unused = () => assert.fail('not part of a proof');
  const driver: Driver = {
    inspect: unused,
    setPassword: unused,
    close: unused,
    async prove(_account, password) {
      tried.push(sameBytes(password, fresh) ? 'fresh' : 'old');
      const answer = answers.shift() ?? assert.fail('one proof too many');
      if (answer instanceof HalliganError) throw answer;
      return answer;
    },
  };
  return { driver, tried };
}

const cases: readonly {
  readonly answers: readonly (Proof | HalliganError)[];
  readonly proof: { readonly fresh: Proof; readonly old: Proof | 'unknown' };
  readonly tried: readonly string[];
}[] = [
  {
    answers: ['accepted', 'rejected'],
    proof: { fresh: 'accepted', old: 'rejected' },
    tried: ['fresh', 'old'],
  },
  {
    answers: ['accepted', 'accepted'],
    proof: { fresh: 'accepted', old: 'accepted' },
    tried: ['fresh', 'old'],
  },
  {
    answers: ['accepted', silence, 'rejected'],
    proof: { fresh: 'accepted', old: 'rejected' },
    tried: ['fresh', 'old', 'old'],
  },
  {
    answers: ['accepted', silence, silence],
    proof: { fresh: 'accepted', old: 'unknown' },
    tried: ['fresh', 'old', 'old'],
  },
  {
    answers: ['rejected', 'accepted'],
    proof: { fresh: 'rejected', old: 'accepted' },
    tried: ['fresh', 'old'],
  },
  {
    answers: ['rejected', silence],
    proof: { fresh: 'rejected', old: 'unknown' },
    tried: ['fresh', 'old'],
  },
];

for (const { answers, proof, tried } of cases) {
  const told = answers.map((answer) => (typeof answer === 'string' ? answer : 'silence'));
  test(`answers ${told.join(', ')}: fresh ${proof.fresh}, old ${proof.old}`, async () => {
    const script = scripted(...answers);
    assert.deepEqual(await proveRotation(script.driver, 'a', { fresh, old }), proof);
    assert.deepEqual(script.tried, tried);
  });
}

test('without an old password nothing is known of it', async () => {
  const { driver } = scripted('accepted');
  assert.deepEqual(await proveRotation(driver, 'a', { fresh }), {
    fresh: 'accepted',
    old: 'unknown',
  });
});

test('no answer about the fresh password is no proof at all, and the old one is left alone', async () => {
  const { driver, tried } = scripted(silence);
  await refuses('systems.timeout', () => proveRotation(driver, 'a', { fresh, old }));
  assert.deepEqual(tried, ['fresh']);
});

test('a rotation to the same password is refused', async () => {
  const { driver, tried } = scripted();
  const same = { fresh, old: Uint8Array.from(fresh) };
  await refuses('systems.password-unchanged', () => proveRotation(driver, 'a', same));
  assert.deepEqual(tried, []);
});
