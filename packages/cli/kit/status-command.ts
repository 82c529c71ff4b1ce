import { Command } from 'commander';
import { z } from 'zod';
import { type Context, show } from '../commands.ts';

const schema = z.object({
  kit: z.string().nullable(),
  createdAt: z.string().nullable(),
  current: z.boolean(),
  wholePlace: z.boolean(),
  places: z.array(
    z.object({
      name: z.string(),
      offServer: z.boolean(),
      offline: z.boolean(),
      idpFree: z.boolean(),
    }),
  ),
  missing: z.array(z.string()),
  attested: z.array(
    z.object({ person: z.string(), kit: z.string(), created: z.string(), at: z.string() }),
  ),
});

/** `halligan kit status`: how it stands with the copies, as the server says, and who verified which. */
export function statusCommand(context: Context): Command {
  return new Command('status')
    .description('the copies of the kit: where, how old, and who verified which')
    .action(async () => {
      const device = await context.serverDevice();
      await device.signIn();
      const status = schema.parse(await device.api.get('/v1/kits'));
      show(context.terminal, status, linesOf(status));
    });
}

function linesOf(status: z.infer<typeof schema>): readonly string[] {
  const { kit, createdAt, current, wholePlace, places, missing, attested } = status;
  if (kit === null || createdAt === null) return ['No kit was written yet.'];
  return [
    `Last kit ${kit.slice(0, 12)}, written ${createdAt}: ${current ? 'of everything as it is' : 'SOMETHING CHANGED SINCE'}.`,
    ...places.map(
      ({ name, offServer, offline, idpFree }) =>
        `  ${name}: holds it${offServer ? ', off the server' : ''}${offline ? ', offline' : ''}${idpFree ? ', without the identity provider' : ''}`,
    ),
    ...missing.map((name) => `  ${name}: WAS NOT REACHED, and may hold an older kit or none`),
    ...(wholePlace
      ? []
      : [
          'Finding: no place is off the server, offline and free of the identity provider, all three. See --kit-place.',
        ]),
    ...(attested.length === 0 ? ['Nobody verified a copy yet: halligan kit verify KIT.'] : []),
    ...attested.map(
      (one) =>
        `  ${one.person} verified ${one.kit === kit ? 'this kit' : `the kit of ${one.created}`} at ${one.at}`,
    ),
  ];
}
