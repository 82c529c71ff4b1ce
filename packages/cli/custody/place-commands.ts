import { HalliganError, visible } from '@halligan/format';
import { PLACE_KINDS, type PlaceDocument, type State } from '@halligan/procedure';
import { Command, Option } from 'commander';
import { type Context, show } from '../commands.ts';
import { coSign, draft } from './joint-draft.ts';
import { listOf, momentOf } from './options.ts';

/** `halligan place …`: where envelopes lie. Each change is signed by two people, one after the other. */
export function placeCommands(context: Context): Command {
  const { terminal } = context;
  const place = new Command('place').description('where envelopes lie, and who gets in');
  described(place.command('add').description('add a place'), true)
    .argument('<id>', 'its id')
    .action((id: string, asked: Asked) => add(context, id, asked));
  described(place.command('change').description('say what has changed about a place'), false)
    .argument('<id>', 'its id')
    .option('--retire', 'it is no longer used')
    .action((id: string, asked: Asked) => change(context, id, asked));
  withAccess(place.command('access').description('say who can get in from now on'), true)
    .argument('<id>', 'its id')
    .option('--changed <time>', 'when combination or lock were changed; `now`')
    .requiredOption('--out <file>', 'write it for the other person to sign')
    .action((id: string, asked: Asked) => change(context, id, asked));
  place
    .command('sign')
    .description('as the second person: read what the first one signed, sign it, send it')
    .argument('<file>', 'what the first one signed, as a file')
    .action((path: string) => coSign(context, path));
  place
    .command('list')
    .description('all places')
    .action(async () => {
      const { state } = await (await context.device()).prove();
      const places = Object.values(state.places).map(({ document }) => document);
      show(
        terminal,
        { places },
        places.length === 0
          ? ['No places. Next: halligan place add.']
          : places.map(
              (one) =>
                `${one.id.padEnd(16)} ${one.kind.padEnd(11)} ${one.access.join(', ').padEnd(28)} ${one.retired === true ? 'no longer used' : visible(one.name)}`,
            ),
      );
    });
  place
    .command('show')
    .description('one place, proven on this device')
    .argument('<id>', 'its id')
    .action(async (id: string) => {
      const { state } = await (await context.device()).prove();
      const document = placeIn(state, id);
      show(terminal, { place: document }, describePlace(document));
    });
  return place;
}

interface Asked {
  readonly kind?: PlaceDocument['kind'];
  readonly name?: string;
  readonly address?: string;
  readonly rating?: string;
  readonly access?: string;
  readonly portion?: readonly string[];
  readonly keyKept?: string;
  readonly keyPlace?: string;
  readonly changed?: string;
  readonly retire?: true;
  readonly out: string;
}

function described(command: Command, needed: boolean): Command {
  const option = (flags: string, help: string) =>
    new Option(flags, help).makeOptionMandatory(needed);
  return withAccess(command, needed)
    .addOption(option('--kind <kind>', 'what it is').choices([...PLACE_KINDS]))
    .addOption(option('--name <text>', 'as people call it'))
    .addOption(option('--address <text>', 'where to go'))
    .option('--rating <text>', 'the safe’s rating, such as EN 1143-1 grade III')
    .option('--changed <time>', 'when combination or lock were last changed; `now`')
    .requiredOption('--out <file>', 'write it for the other person to sign');
}

function withAccess(command: Command, needed: boolean): Command {
  return command
    .addOption(
      new Option(
        '--access <people>',
        'everybody who can get in, separated by commas',
      ).makeOptionMandatory(needed),
    )
    .option(
      '--portion <people...>',
      'who knows the first portion of the combination, then the second, …: names, never numbers',
    )
    .option('--key-kept <text>', 'where the break-glass key is kept')
    .option('--key-place <id>', 'the place that it is kept in');
}

async function add(context: Context, id: string, asked: Asked): Promise<void> {
  const { kind, name, address } = asked;
  if (kind === undefined || name === undefined || address === undefined)
    throw new HalliganError('cli.usage', 'A place needs kind, name and address.', 'See --help.');
  const document = {
    v: 'halligan/custody/v1' as const,
    do: 'place' as const,
    id,
    kind,
    name,
    address,
    access: listOf(asked.access),
    changed: momentOf(asked.changed),
    previous: null,
    ...detailsOf(asked),
  };
  await draft(context, await context.device(), { document, out: asked.out });
}

async function change(context: Context, id: string, asked: Asked): Promise<void> {
  const device = await context.device();
  const { state } = await device.prove();
  const before = placeIn(state, id);
  const { kind, name, address, access, changed } = asked;
  const { combination: _, ...rest } = before;
  const document = {
    ...(access === undefined ? before : rest),
    ...(kind === undefined ? {} : { kind }),
    ...(name === undefined ? {} : { name }),
    ...(address === undefined ? {} : { address }),
    ...(access === undefined ? {} : { access: listOf(access) }),
    ...(changed === undefined ? {} : { changed: momentOf(changed) }),
    ...(asked.retire === true ? { retired: true as const } : {}),
    ...detailsOf(asked),
    previous: state.places[id]?.digest ?? null,
  };
  await draft(context, device, { document, out: asked.out });
}

function detailsOf({ rating, portion, keyKept, keyPlace }: Asked): Partial<PlaceDocument> {
  return {
    ...(rating === undefined ? {} : { rating }),
    ...(portion === undefined ? {} : { combination: portion.map(listOf) }),
    ...(keyKept === undefined
      ? {}
      : {
          breakGlassKey: {
            kept: keyKept,
            ...(keyPlace === undefined ? {} : { place: keyPlace }),
          },
        }),
  };
}

function placeIn(state: State, id: string): PlaceDocument {
  const found = Object.hasOwn(state.places, id) ? state.places[id] : undefined;
  if (found !== undefined) return found.document;
  throw new HalliganError('cli.place', `There is no place “${id}”.`, 'See halligan place list.');
}

function describePlace(one: PlaceDocument): readonly string[] {
  return [
    `${one.id}  ${one.kind}  ${visible(one.name)}${one.retired === true ? '  no longer used' : ''}`,
    `  address: ${visible(one.address)}`,
    ...(one.rating === undefined ? [] : [`  rating: ${visible(one.rating)}`]),
    `  can get in: ${one.access.join(', ')}`,
    ...(one.combination ?? []).map(
      (known, at) => `  portion ${at + 1} of the combination: ${known.join(' or ')}`,
    ),
    ...(one.breakGlassKey === undefined
      ? []
      : [`  break-glass key: ${visible(one.breakGlassKey.kept)}`]),
    `  combination or lock last changed: ${one.changed}`,
  ];
}
