import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { HalliganError } from '@halligan/format';
import { z } from 'zod';
import { Api } from '../api.ts';
import type { Context } from '../commands.ts';
import { jsonOf, type PersonHome } from '../person-home.ts';
import { type Check, clockCheck, fail, failed, ok, privateFile, warn } from './check.ts';

const DAY = 86_400_000;
/** How old a kit, and how long ago a test of alerts may be, before somebody should look. */
const OLD = 90 * DAY;

/** A person's device: keys, pins, the way to the server, and what the server says of kits and alerts. */
export async function personChecks(context: Context): Promise<readonly Check[]> {
  let home: PersonHome;
  try {
    home = await context.home();
  } catch (error) {
    return [failed('keys', error)];
  }
  const { facts, folder } = home;
  const signing = join(folder, facts.practice ? 'signing.key' : 'signing.key.age');
  return [
    await privateFile('facts', join(folder, 'person.json')),
    await privateFile('identity', resolve(folder, facts.identity)),
    await privateFile('signing key', signing),
    ...(await agentCheck(context, home)),
    await wordsCheck(home),
    ...(await serverChecks(home)),
    ...(await signedInChecks(context)),
  ];
}

/** Whose card names security keys needs the agent that has them. */
async function agentCheck(context: Context, home: PersonHome): Promise<readonly Check[]> {
  const path = join(home.folder, 'card.json');
  if (!existsSync(path)) return [];
  const card = z
    .looseObject({ signing: z.array(z.string()) })
    .safeParse(jsonOf(await readFile(path, 'utf8')));
  if (!card.success || !card.data.signing.some((line) => line.startsWith('sk-'))) return [];
  const { socket } = context.agent;
  return [
    socket !== undefined && existsSync(socket)
      ? ok('security keys', 'ssh-agent is there')
      : fail(
          'security keys',
          'Your keys are in ssh-agent, and there is none.',
          'Start it, and ssh-add the key; see docs/guides/security-keys.md.',
        ),
  ];
}

async function wordsCheck(home: PersonHome): Promise<Check> {
  if (home.facts.practice) return ok('recovery words', 'practice keys need none');
  const at = await home.wordsConfirmed();
  return at === undefined
    ? warn(
        'recovery words',
        'nobody ever read them back from the paper',
        'Write them down: halligan key words. Then: halligan key confirm.',
      )
    : ok('recovery words', `read back from the paper on ${at.slice(0, 10)}`);
}

async function serverChecks(home: PersonHome): Promise<readonly Check[]> {
  const { url, certificate } = home.facts;
  try {
    const { origin, seen } = home.pins;
    const asked = Date.now();
    const {
      entries,
      at,
      writable = true,
    } = z
      .object({ entries: z.int(), at: z.iso.datetime(), writable: z.boolean().optional() })
      .parse(await new Api(url, certificate).get('/healthz'));
    // It looked somewhere between the question and the answer: a slow line is no wrong clock.
    const clock = clockCheck(((asked + Date.now()) / 2 - Date.parse(at)) / 1000);
    return [
      ok('pins', `${origin}, genesis compared`),
      ok(
        'server',
        `${url} answers${certificate === null ? '' : ' with the certificate that you compared'}`,
      ),
      ...(writable
        ? []
        : [
            fail(
              'server’s disk',
              'it does not take writes: nothing is recorded',
              'Tell whoever runs the server. In an emergency, work from a kit.',
            ),
          ]),
      clock,
      entries >= seen.size
        ? ok('log', `${entries} entries; this device saw ${seen.size}`)
        : fail(
            'log',
            `It has ${entries} entries, and this device saw ${seen.size}: something was taken back.`,
            'Sign nothing. Tell security; keep this device’s folder: it is the proof.',
          ),
    ];
  } catch (error) {
    return [failed('server', error)];
  }
}

const kitsSchema = z.looseObject({
  createdAt: z.string().nullable(),
  current: z.boolean(),
  wholePlace: z.boolean(),
  missing: z.array(z.string()),
  attested: z.array(z.looseObject({ person: z.string(), at: z.string() })),
});

const alertsSchema = z.looseObject({
  sinks: z.array(z.looseObject({ proven: z.string().nullable() })),
});

/** What needs a session. Where nobody can give the passphrase, it is said what was not looked at. */
async function signedInChecks(context: Context): Promise<readonly Check[]> {
  try {
    const device = await context.serverDevice();
    await device.prove();
    const kits = kitsSchema.parse(await device.api.get('/v1/kits'));
    return [
      ok('record', 'signed in, and the record was proven on this device'),
      kitCheck(kits),
      ownKitCheck(kits, device.person),
      ...(await alertCheck(async () => alertsSchema.parse(await device.api.get('/v1/alerts')))),
    ];
  } catch (error) {
    if (error instanceof HalliganError && error.code === 'cli.no-terminal')
      return [
        warn(
          'record',
          'kits, alerts and the record were not looked at: your key is behind its passphrase',
          'Run it at a terminal, or with --passphrase-file.',
        ),
      ];
    return [failed('record', error)];
  }
}

function kitCheck(kits: z.infer<typeof kitsSchema>): Check {
  const { createdAt, current, wholePlace, missing } = kits;
  if (createdAt === null)
    return fail('kit', 'none was written yet', 'Name places: halligan init --kit-place.');
  const found = `written ${createdAt.slice(0, 10)}`;
  if (missing.length > 0)
    return warn('kit', `${found}; not reached: ${missing.join(', ')}`, 'See halligan kit status.');
  if (!current) return warn('kit', `${found}; something changed since`, 'See halligan kit status.');
  return wholePlace
    ? ok('kit', found)
    : warn(
        'kit',
        `${found}; no place is off the server, offline and free of the identity provider`,
        'Add one: docs/guides/set-up.md.',
      );
}

function ownKitCheck({ attested }: z.infer<typeof kitsSchema>, person: string): Check {
  const last = attested.findLast((one) => one.person === person)?.at;
  return last !== undefined && Date.now() - Date.parse(last) < OLD
    ? ok('own copy of the kit', `tried on ${last.slice(0, 10)}`)
    : warn(
        'own copy of the kit',
        last === undefined ? 'you never tried one' : `last tried on ${last.slice(0, 10)}`,
        'halligan kit verify KIT',
      );
}

/** For those who may know: everybody else has no say in alerts. */
async function alertCheck(
  ask: () => Promise<z.infer<typeof alertsSchema>>,
): Promise<readonly Check[]> {
  try {
    const { sinks } = await ask();
    const stale = sinks.filter(
      ({ proven }) => proven === null || Date.now() - Date.parse(proven) > OLD,
    );
    if (sinks.length === 0)
      return [warn('alerts', 'they go nowhere', 'On the server: halligan alert add.')];
    return [
      stale.length === 0
        ? ok('alerts', `${sinks.length} places, each tested lately`)
        : warn(
            'alerts',
            `${stale.length} of ${sinks.length} not tested lately`,
            'halligan alert test',
          ),
    ];
  } catch (error) {
    if (error instanceof HalliganError && error.code === 'server.forbidden') return [];
    throw error;
  }
}
