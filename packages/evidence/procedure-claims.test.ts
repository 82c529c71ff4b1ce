import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventType } from '@halligan/procedure';
import { emergencyById } from '@halligan/procedure';
import { forgePack, indexOf, verdictOf, withEvents } from './forge.fixture.ts';
import { type Claim, claimLine, exitCodeOf, verifyPack } from './index.ts';
import { PRINTER } from './memory-record.fixture.ts';
import {
  alone,
  byCode,
  bySilence,
  converted,
  drilled,
  everything,
  givenUp,
  leftBehind,
  onPaper,
  reported,
  standIns,
  torn,
  type Went,
  withoutTheServer,
} from './procedure.fixture.ts';
import { recordText } from './reports.fixture.ts';

/**
 * What the second rules know, claim by claim: with its label while the fact is on the record, gone while it is not, and a
 * FAIL where whoever keeps the log writes another fact than was signed.
 */

interface Row {
  readonly claim: RegExp;
  readonly event: EventType;
  /** The lie: what the event is made to say. */
  readonly lie: Readonly<Record<string, unknown>>;
}

const WENT: readonly (readonly [name: string, go: () => Promise<Went>, rows: readonly Row[]])[] = [
  [
    'everything by phone, out of an envelope',
    () => everything(),
    [
      {
        claim:
          /^PASS \(signed by ana and ben\) +ana and ben signed the same words: dana approved, phone, 2026-03-02T14:38Z$/,
        event: 'EmergencyApproved',
        lie: { method: 'app' },
      },
      {
        claim: /^ASSERTED \(by ana and ben\) +dana said so; dana signed nothing$/,
        event: 'EmergencyApproved',
        lie: { heardBy: ['ana', 'dana'] },
      },
      {
        claim:
          /^ASSERTED \(by the server\) +a written summary of what dana approved went to dana \(email\)$/,
        event: 'PersonContacted',
        lie: { person: 'raj' },
      },
      {
        claim: /^PASS \(signed by wanda\) +wanda took part as witness \(video\), with a title/,
        event: 'PartTaken',
        lie: { together: 'in-person' },
      },
      {
        claim: /^ASSERTED \(by ben and wanda\) +they were together/,
        event: 'PartTaken',
        lie: { by: 'raj' },
      },
      {
        claim: /^PASS \(signed by ana and ben\) +ana and ben reached envelope env-1 at safe-a$/,
        event: 'EnvelopeReached',
        lie: { place: 'safe-b' },
      },
      {
        claim:
          /^PASS \(signed by ana and ben\) +ana and ben signed its outside and opened it: version 1$/,
        event: 'EnvelopeOpened',
        lie: { version: 2 },
      },
      {
        claim:
          /^ASSERTED \(by ana and ben\) +every check held: it was intact; the storage was opened by ana and ben \(split-combination\)$/,
        event: 'EnvelopeOpened',
        lie: { access: { method: 'split-combination', by: ['raj'] } },
      },
      {
        claim: /^PASS \(signed by ana and ben\) +ana and ben destroyed envelope env-1/,
        event: 'EnvelopeDestroyed',
        lie: { by: ['ana', 'raj'] },
      },
      {
        claim: /^ASSERTED \(by ana and ben\) +the paper of env-1 was cross-cut-shredded/,
        event: 'EnvelopeDestroyed',
        lie: { paper: 'burnt' },
      },
      {
        claim: /^PASS \(signed by ana and ben\) +ana and ben sealed envelope env-2 with version 2$/,
        event: 'EnvelopeDestroyed',
        lie: { serial: 'env-2' },
      },
      {
        claim:
          /^PASS \(signed by raj\) +raj reported that the password could not be reset \(rights\)$/,
        event: 'ResetFailed',
        lie: { reason: 'other' },
      },
      {
        claim: /^ASSERTED \(by ana\) +copies: none$/,
        event: 'ResetPartAttested',
        lie: { outcome: 'destroyed' },
      },
      {
        claim:
          /^PASS \(signed by raj\) +raj laid the system’s audit log beside the record: 2 of 3 entries matched, differences: 1, unexplained: 1$/,
        event: 'LogReconciled',
        lie: { matched: 3, differences: [] },
      },
      {
        claim:
          /^PASS \(cryptographic\) +the imported log, compared again here, matches the notes as was signed$/,
        event: 'LogReconciled',
        lie: { entries: 2 },
      },
      {
        claim: /^PASS \(signed by dana\) +dana signed the review; did not hold: completeness$/,
        event: 'ReviewSigned',
        lie: { points: [] },
      },
      {
        claim: /the review found 1 violation$/,
        event: 'ReviewCompleted',
        lie: { rootCause: 'other' },
      },
      {
        claim: /^PASS \(signed by raj\) +raj escalated it to dana; logs preserved: 1$/,
        event: 'ViolationEscalated',
        lie: { logs: [] },
      },
      {
        claim: /^ASSERTED \(by raj\) +that action of raj was done, 2026-04-01$/,
        event: 'ActionCompleted',
        lie: { by: 'dana' },
      },
      {
        claim: /^NOT PROVEN \(not found by raj\) +the test sign-in is in the provider’s log$/,
        event: 'EmergencyVerified',
        lie: { test: { at: '2026-03-03T11:00:00Z', reference: 'ab'.repeat(32) } },
      },
      {
        claim:
          /^ASSERTED \(by raj\) +the sign-in of the emergency is in the provider’s log, 2026-03-02T15:07Z$/,
        event: 'EmergencyVerified',
        lie: { by: 'dana' },
      },
    ],
  ],
  [
    'a spoken code',
    byCode,
    [
      {
        claim:
          /^PASS \(cryptographic\) +a one-time code of the sheet that dana had committed to was given for it$/,
        event: 'EmergencyApproved',
        lie: { code: 'ab'.repeat(32) },
      },
      {
        claim: /^ASSERTED \(by ana\) +dana spoke the code for this emergency, phone/,
        event: 'EmergencyApproved',
        lie: { by: 'raj' },
      },
    ],
  ],
  [
    'silence',
    bySilence,
    [
      {
        claim:
          /^PASS \(signed by ana and ben\) +ana invoked the silence exception; ben co-signed its 2 attempts$/,
        event: 'EmergencyApproved',
        lie: { method: 'app' },
      },
      {
        claim:
          /^ASSERTED \(by ana and ben\) +they tried dana \(phone, email\), and nobody answered$/,
        event: 'EmergencyApproved',
        lie: { by: 'dana' },
      },
      {
        claim: /^ASSERTED \(by the server\) +before that it asked dana \(email, message\)$/,
        event: 'PersonContacted',
        lie: { channel: 'phone' },
      },
    ],
  ],
  [
    'one person with an executive',
    alone,
    [
      {
        claim:
          /^PASS \(cryptographic\) +one person with an executive: eli had signed before any share left its holder$/,
        event: 'PartTaken',
        lie: { by: 'dana' },
      },
      {
        claim:
          /^PASS \(signed by eli\) +eli DOES NOT stand by what was done, in writing, 2026-03-02T16:00Z$/,
        event: 'SoloSignedOff',
        lie: { agreed: true },
      },
    ],
  ],
  [
    'a drill that became real',
    converted,
    [
      {
        claim:
          /^PASS \(signed by ben\) +ben made it a real emergency \(idp-outage\), 2026-03-02T14:45Z$/,
        event: 'DrillConverted',
        lie: { by: 'ana' },
      },
    ],
  ],
  [
    'a drill',
    drilled,
    [
      {
        claim:
          /^PASS \(signed by ana\) +ana declared a DRILL on bg-admin-1 \(idp-outage\), surprise and adversarial, sabotaged: approver-silent$/,
        event: 'EmergencyDeclared',
        lie: { scenario: { notice: 'surprise', form: 'technical', sabotage: [] } },
      },
    ],
  ],
  [
    'one person, and the executive’s word comes late',
    () => alone('16:30'),
    [
      {
        claim: /^PASS \(cryptographic\) +ONE PERSON ALONE: ana had no second person beside them$/,
        event: 'EmergencyDeclared',
        lie: { second: 'ben' },
      },
      {
        claim: /^ASSERTED \(by the server\) +that word came late: it was due by 2026-03-02T16:18Z$/,
        event: 'SoloSignedOff',
        lie: { agreed: true },
      },
    ],
  ],
  [
    'stand-ins',
    standIns,
    [
      {
        claim:
          /^PASS \(signed by cleo\) +cleo took part as second \(video\), .*, in the place of ben, who had left$/,
        event: 'PartTaken',
        lie: { by: 'raj' },
      },
      {
        claim:
          /^PASS \(signed by raj\) +raj took part as witness \(video\), .*, in the place of wanda, who had left$/,
        event: 'PartTaken',
        lie: { role: 'executive' },
      },
    ],
  ],
  [
    'pages signed by hand',
    onPaper,
    [
      {
        claim:
          /^PASS \(signed by ana and ben\) +these 2 scans are the pages of the record that were signed by hand$/,
        event: 'RecordSigned',
        lie: { pages: ['ab'.repeat(32)] },
      },
    ],
  ],
  [
    'what was left behind',
    leftBehind,
    [
      {
        claim:
          /^ASSERTED \(by the rotator\) +besides the password 2 ways in differ from before: see the report$/,
        event: 'EmergencyReset',
        lie: { version: 2 },
      },
    ],
  ],
  [
    'without the server, and in silence',
    withoutTheServer,
    [
      {
        claim:
          /^PASS \(signed by ana and ben\) +ana invoked the silence exception; ben co-signed its 3 attempts$/,
        event: 'EmergencyApproved',
        lie: { method: 'app' },
      },
      {
        claim:
          /^ASSERTED \(by ana and ben\) +they tried dana \(phone, message, email\), and nobody answered$/,
        event: 'EmergencyApproved',
        lie: { by: 'dana' },
      },
      {
        claim:
          /^ASSERTED \(by ana, ben\) +the times and the order from 2026-03-02T14:32:00.000Z until 2026-03-02T15:18:00.000Z: it was carried on without the server, from the kit of \d+ entries, and taken in afterwards$/,
        event: 'EmergencyEnded',
        lie: { loggedOut: '2026-03-02T15:00:00Z' },
      },
    ],
  ],
  [
    'a use that the record could not take in',
    reported,
    [
      {
        claim:
          /^PASS \(signed by ben\) +ben reported that version 1 was used without the server \(declared as abababababab\), which the record could not take in: roster\.unknown$/,
        event: 'OfflineUseReported',
        lie: { by: 'ana' },
      },
    ],
  ],
  [
    'a torn envelope',
    torn,
    [
      {
        claim: /^PASS \(signed by ana and ben\) +ana and ben put envelope env-1 back unopened$/,
        event: 'EnvelopeReturned',
        lie: { place: 'safe-b' },
      },
      {
        claim: /^ASSERTED \(by ana and ben\) +it was not intact: not noTears$/,
        event: 'EnvelopeReturned',
        lie: { checks: { noTears: true } },
      },
    ],
  ],
];

/** One line of the record as text, by a way through the procedure that it tells of. */
const TOLD: readonly (readonly [go: () => Promise<Went>, line: RegExp])[] = [
  [standIns, /cleo, second, video, 2026-03-02 14:40 UTC, in the place of ben, who had left/],
  [() => alone('16:30'), /does not stand by it; late: due by 2026-03-02 16:18 UTC/],
  [bySilence, /^Why without an approver: Nobody answers\.$/m],
  [withoutTheServer, /^Why without an approver: Her line is dead\.$/m],
  [withoutTheServer, /^2026-03-02 14:50 UTC - exception \(ben\)$/m],
  [givenUp, /Aborted by: +- ana .*UTC +- The provider is back\.$/m],
  [reported, /^2026-03-02 10:00 UTC - version 1, without the server, reported by ben/m],
  [leftBehind, /new, keys: ssh-ed25519 B/],
];

test('the record tells it, too', async () => {
  for (const [go, line] of TOLD) {
    const { record, emergency } = await go();
    assert.match(recordText(record, emergency).replaceAll(/\n +(?!- )/g, ' '), line);
  }
});

test('a comparison of the log that was signed wrongly is found out', async () => {
  const { record, emergency } = await everything(3);
  const claims = await verifyPack(await record.pack(emergency), {}, PRINTER);
  const again = claims.find(({ basis }) => basis === 'compared again, it differs');
  assert.equal(again?.verdict, 'NOT PROVEN');
  assert.ok(!lines(claims).some((line) => line.includes('compared again here, matches')));
});

test('what is weak about the policy is said', async () => {
  const { record, emergency } = await byCode();
  const claims = await verifyPack(await record.pack(emergency), {}, PRINTER);
  assert.ok(
    claims.some(
      ({ basis, claim }) =>
        basis === 'cryptographic' && /^finding of its policy \((critical|warning)\): ./.test(claim),
    ),
  );
});

const lines = (claims: readonly Claim[]) => claims.map(claimLine);

for (const [name, go, rows] of WENT) {
  const went = go();

  test(`${name}: each claim with its label, in a pack without a failure`, async () => {
    const { record, emergency } = await went;
    const claims = await verifyPack(await record.pack(emergency), {}, PRINTER);
    assert.equal(exitCodeOf(claims), 0, lines(claims).at(-1) ?? '');
    for (const { claim } of rows)
      assert.ok(
        lines(claims).some((line) => claim.test(line)),
        `${claim}`,
      );
  });

  for (const { claim, event, lie } of rows)
    test(`${name}: ${event} with another ${Object.keys(lie).join(', ')} is a FAIL; before it, no such claim`, async () => {
      const { record, emergency } = await went;
      const at = indexOf(record, event);
      const lying = record.rewritten((entry, index) =>
        index === at
          ? withEvents(entry, (one) =>
              one.type === event ? { ...one, data: { ...Object(one.data), ...lie } } : one,
            )
          : entry,
      );
      assert.match(
        await verdictOf(await forgePack(lying, emergency)),
        /^5 evidence\.rules: Entry \d+: It does not follow the rules: the rules say that something else happened/,
      );
      const earlier = record.rewritten((entry, index) => (index < at ? entry : null)).refolded();
      if (emergencyById(earlier.state, emergency) === undefined) return;
      const before = await verifyPack(await earlier.pack(emergency), {}, PRINTER);
      assert.equal(exitCodeOf(before), 0);
      assert.ok(!lines(before).some((line) => claim.test(line)), `${claim}`);
    });
}
