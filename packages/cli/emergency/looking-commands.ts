import { type Emergency, isUnderWay, quorumProgress, waysTo } from '@halligan/procedure';
import { z } from 'zod';
import { show } from '../commands.ts';
import type { Device } from '../device.ts';
import { linesOfPack, writePack } from '../evidence/pack.ts';
import { describe } from './describe.ts';
import { fetchFile } from './fetch-file.ts';
import { look } from './find.ts';
import { type EmergencyGroup, ID, ID_HELP } from './group.ts';
import { ownCheckWords } from './open.ts';
import { spokenRequest } from './spoken-request.ts';
import { textOf, textsOf } from './texts.ts';

/** What is on the record: `list`, `show`, `evidence`. */
export function addLooking({ context, terminal, add, done }: EmergencyGroup): void {
  add('list', 'emergencies and drills').action(async () => {
    const device = await context.device();
    await device.signIn();
    const { emergencies } = z
      .object({
        emergencies: z.array(
          z.looseObject({
            id: z.string(),
            account: z.string(),
            drill: z.boolean(),
            at: z.string(),
            closed: z.string().optional(),
            ended: z.string().optional(),
            aborted: z.string().optional(),
          }),
        ),
      })
      .parse(await device.api.get('/v1/emergencies'));
    done(
      { emergencies },
      ...(emergencies.length === 0
        ? ['No emergencies.']
        : emergencies.map(
            (one) =>
              `${one.id.slice(0, 12)}  ${one.drill ? 'drill' : 'REAL '}  ${one.account.padEnd(24)} ${one.at}  ${one.closed !== undefined ? 'closed' : one.aborted !== undefined ? 'aborted' : one.ended !== undefined ? 'ended' : 'open'}`,
          )),
    );
  });
  add('show', 'one emergency, proven on this device')
    .argument(ID, ID_HELP)
    .action(async (id: string | undefined) => {
      const device = await context.device();
      const { emergency: one, proven } = await look(device, id);
      const words = await ownCheckWords(device, proven, one);
      const opening = one.openings.at(-1);
      const version =
        opening === undefined
          ? undefined
          : proven.state.accounts[one.account]?.versions[opening.version];
      const progress =
        opening === undefined || version === undefined
          ? []
          : quorumProgress(version.header, opening.path, opening.releases);
      // Where the vault fails: what comes next, in the order in which it is tried.
      const ways = isUnderWay(one) ? waysTo(proven.state, one) : [];
      const checkWords = words === undefined ? {} : { checkWords: words };
      const lines = describe(proven.state, one, device.person, new Date().toISOString());
      const next = lines.at(-1) ?? '';
      show(terminal, { emergency: one, progress, ways, ...checkWords, next }, [
        ...lines.slice(0, -1),
        ...(terminal.json ? [] : await textsOf(device, one)),
        ...(terminal.json ? [] : await spokenBy(device, one)),
        ...(words === undefined ? [] : [`  check words: ${words.join(' ')}`]),
        ...ways.map(
          ({ by, name, open, how }) =>
            `  ${open ? '→' : '×'} ${by.padEnd(12)} ${name.padEnd(14)} ${how}`,
        ),
        next,
      ]);
    });
  add('evidence', 'fetch the evidence pack, with large files beside it')
    .argument('<emergency>', ID_HELP)
    .requiredOption('--out <file>', 'where to write it')
    .action(async (id: string, { out }: { out: string }) => {
      const written = await writePack(context, id, out);
      done(written, linesOfPack(written));
    });
  add('file', 'fetch a file that the record names, held to its signed digest')
    .argument('<emergency>', ID_HELP)
    .argument('<digest>', 'its digest, or the beginning of it')
    .requiredOption('--out <file>', 'where to write it')
    .option('--plain', 'in its plain form: SHA-256 of that is the digest', false)
    .action(async (id: string, beginning: string, asked: { out: string; plain: boolean }) => {
      const device = await context.device();
      const { emergency: one, proven } = await look(device, id);
      const file = await fetchFile(device, one, proven.groups, beginning);
      await context.writeFile(asked.out, asked.plain ? file.plain : file.bytes);
      const { digest, mediaType } = file;
      done(
        { file: asked.out, digest, mediaType },
        `Written: ${asked.out}, ${mediaType}, as it was signed for. Open it with care: others sent it.`,
      );
    });
}

/** The words to read out, for the requester while nobody has approved. */
async function spokenBy(device: Device, one: Emergency): Promise<readonly string[]> {
  if (one.requester !== device.person || one.approval !== undefined || !isUnderWay(one)) return [];
  const { account, cause, second } = one;
  const reason = await textOf(device, one.id, one.reason);
  return [
    `  say: ${spokenRequest({ account, cause, reason, ...(second === undefined ? {} : { second }) })}`,
  ];
}
