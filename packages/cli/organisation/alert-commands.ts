import { HalliganError } from '@halligan/format';
import { Command } from 'commander';
import { z } from 'zod';
import { type Context, show } from '../commands.ts';
import { dataFolder } from '../data-folder.ts';
import { EXIT } from '../exit-codes.ts';

interface SinkOptions {
  readonly smtp?: string;
  readonly webhook?: string;
  readonly syslog?: string;
  readonly tls?: string;
  readonly ca?: string;
  readonly from?: string;
  readonly to?: string;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly passwordCredential?: string;
  readonly asks?: string;
  readonly secretFile?: string;
  readonly secretCredential?: string;
}

interface IncidentOptions {
  readonly webhook?: string;
  readonly smtp?: string;
  readonly to?: string;
  readonly folder?: string;
  readonly none?: true;
}

/**
 * `halligan alert …`: where alerts go (on the server), and whether they arrive.
 * @param exits 1 where a test did not arrive everywhere
 */
export function alertCommands(context: Context, exits: (code: number) => void): Command {
  const { terminal } = context;
  const alert = new Command('alert').description('who learns of emergencies, and whether they do');
  alert
    .command('add')
    .description('add a place that alerts are sent to; run it on the server')
    .argument('<name>', 'a-z, 0-9 and -')
    .option('--smtp <host:port>', 'a mail server')
    .option('--webhook <url>', 'a receiver of signed webhooks')
    .option('--syslog <host:port>', 'a receiver of syslog over TCP')
    .option(
      '--tls <how>',
      'smtp: implicit, starttls or none; syslog: none; off this machine TLS is needed',
    )
    .option('--ca <file>', 'PEM of authorities besides the system’s')
    .option('--from <address>', 'smtp: the sender')
    .option('--to <addresses>', 'smtp: who learns of everything, separated by commas')
    .option('--user <name>', 'smtp: signs in as')
    .option('--password-file <file>', 'smtp: with the password in this file, mode 0600')
    .option('--password-credential <name>', 'smtp: with this systemd credential')
    .option('--asks <channels>', 'webhook: reaches single people by phone, message, email')
    .option('--secret-file <file>', 'webhook: signs with this shared secret, too, mode 0600')
    .option('--secret-credential <name>', 'webhook: with this systemd credential')
    .action(async (name: string, options: SinkOptions) => {
      const { addSink, sinkSchema } = await import('@halligan/server');
      const parsed = sinkSchema.safeParse(sinkFrom(name, options));
      if (!parsed.success)
        throw new HalliganError(
          'alert.settings',
          `This is not valid at ${parsed.error.issues[0]?.path.join('.') || 'the whole of it'}.`,
          'See halligan alert add --help, and docs/guides/alerts.md.',
        );
      const { publicKey } = await addSink(dataFolder(context.environment), parsed.data);
      const key = publicKey === undefined ? {} : { publicKey };
      show(terminal, { sink: name, kind: parsed.data.kind, ...key }, [
        `Alerts go to ${name} (${parsed.data.kind}).`,
        ...(publicKey === undefined ? [] : [`Its receiver checks them with: ${publicKey}`]),
        'Next: halligan alert test',
      ]);
    });
  alert
    .command('remove')
    .description('send nothing to a place any more; run it on the server')
    .argument('<name>', 'the place’s name')
    .action(async (name: string) => {
      const { removeSink } = await import('@halligan/server');
      await removeSink(dataFolder(context.environment), name);
      show(terminal, { removed: name }, [`Nothing goes to ${name} any more.`]);
    });
  alert
    .command('incident')
    .description(
      'have signed records go to the incident system by themselves; run it on the server',
    )
    .option('--webhook <sink>', 'to this webhook, signed')
    .option('--smtp <sink>', 'as e-mail, by this mail server')
    .option('--to <addresses>', 'smtp: to whom, separated by commas')
    .option('--folder <folder>', 'as files, into a folder that something collects')
    .option('--none', 'people submit records again')
    .action(async (options: IncidentOptions) => {
      const { useIncidentSystem, incidentSystemSchema } = await import('@halligan/server');
      const parsed = incidentSystemSchema.optional().safeParse(incidentFrom(options));
      if (!parsed.success)
        throw new HalliganError(
          'alert.settings',
          'This is no incident system.',
          'Give a sink’s name, e-mail addresses, or the whole path of a folder.',
        );
      await useIncidentSystem(dataFolder(context.environment), parsed.data);
      show(terminal, { incident: parsed.data ?? null }, [
        parsed.data === undefined
          ? 'People submit records: halligan emergency submit.'
          : 'Records that both signed go to the incident system by themselves.',
      ]);
    });
  alert
    .command('test')
    .description('send a test to every place, and see which took it')
    .action(async () => {
      const device = await context.device();
      await device.signIn();
      const { tested } = testedSchema.parse(await device.api.post('/v1/alerts/test'));
      const failed = tested.filter(({ delivered }) => !delivered);
      show(terminal, { tested }, [
        ...tested.map(
          ({ sink, delivered, why }) => `${sink.padEnd(20)} ${delivered ? 'delivered' : why}`,
        ),
        ...(tested.length === 0
          ? ['Nobody would learn of an emergency. Next, on the server: halligan alert add']
          : failed.length === 0
            ? []
            : ['Next: see docs/guides/alerts.md, and test again.']),
      ]);
      if (tested.length === 0 || failed.length > 0) exits(EXIT.failed);
    });
  alert
    .command('list')
    .description('where alerts go, what waits, and the last ones')
    .action(async () => {
      const device = await context.device();
      await device.signIn();
      const listed = listSchema.parse(await device.api.get('/v1/alerts'));
      show(terminal, listed, [
        ...(listed.sinks.length === 0 ? ['Alerts go nowhere.'] : []),
        ...listed.sinks.map(
          ({ name, kind, waiting, givenUp, proven }) =>
            `${name.padEnd(20)} ${kind.padEnd(8)} ${waiting} waiting, ${givenUp} given up, ${proven === null ? 'never tested' : `tested ${proven}`}`,
        ),
        ...listed.last.map(({ timestamp, title }) => `${timestamp} ${title}`),
      ]);
    });
  return alert;
}

/** `halligan person contacts`: how one is reached. */
export function contactsCommand(context: Context): Command {
  return new Command('contacts')
    .description('how you are reached when you are asked for something')
    .argument('[person]', 'an admin may look after somebody else’s')
    .option('--email <address>', 'replaces all of them, as do the others')
    .option('--phone <number>', 'your telephone')
    .option('--message <address>', 'as the organisation’s messenger knows you')
    .action(async (asked: string | undefined, given: Readonly<Record<string, string>>) => {
      const device = await context.device();
      await device.signIn();
      const person = asked ?? device.person;
      const path = `/v1/people/${encodeURIComponent(person)}/contacts`;
      if (Object.keys(given).length > 0) await device.api.bytes('PUT', path, given);
      const { contacts, unreachable } = contactsSchema.parse(await device.api.get(path));
      show(context.terminal, { person, contacts, unreachable }, [
        ...Object.entries(contacts).map(([channel, address]) => `${channel.padEnd(8)} ${address}`),
        unreachable.length === 0
          ? 'The server reaches you by all of them.'
          : `The server cannot reach you by ${unreachable.join(', ')}: no address, or no sink for it.`,
      ]);
    });
}

const testedSchema = z.object({
  tested: z.array(
    z.object({
      sink: z.string(),
      at: z.string(),
      delivered: z.boolean(),
      why: z.string().optional(),
    }),
  ),
});
const listSchema = z.object({
  sinks: z.array(
    z.looseObject({
      name: z.string(),
      kind: z.string(),
      waiting: z.int(),
      givenUp: z.int(),
      proven: z.string().nullable(),
    }),
  ),
  last: z.array(z.looseObject({ timestamp: z.string(), title: z.string() })),
});
const contactsSchema = z.object({
  contacts: z.record(z.string(), z.string()),
  unreachable: z.array(z.string()),
});

/** @throws `cli.usage` */
function incidentFrom({ webhook, smtp, to, folder, none }: IncidentOptions): unknown {
  const ways = [webhook, smtp, folder, none].filter((one) => one !== undefined);
  if (ways.length !== 1 || (smtp === undefined) !== (to === undefined))
    throw new HalliganError(
      'cli.usage',
      'Which way? Give one of --webhook, --smtp with --to, --folder and --none.',
      'Such as halligan alert incident --smtp mail --to incidents@example.org',
    );
  if (webhook !== undefined) return { webhook };
  if (folder !== undefined) return { folder };
  return none === true ? undefined : { smtp, to: listOf(to) };
}

function listOf(text: string | undefined): readonly string[] {
  return text?.split(',').map((one) => one.trim()) ?? [];
}

/** What the flags say; the server's schema judges it. @throws `cli.usage` */
function sinkFrom(name: string, options: SinkOptions): unknown {
  const { smtp, webhook, syslog, ca } = options;
  if ([smtp, webhook, syslog].filter((one) => one !== undefined).length !== 1)
    throw new HalliganError(
      'cli.usage',
      'Where to? Give one of --smtp, --webhook and --syslog.',
      'Such as halligan alert add mail --smtp mail.example.org:587 --from … --to …',
    );
  const trusted = ca === undefined ? {} : { ca };
  if (webhook !== undefined)
    return {
      ...{ kind: 'webhook', name, url: webhook, asks: listOf(options.asks) },
      ...secretOf(options),
      ...trusted,
    };
  if (syslog !== undefined)
    return { kind: 'syslog', name, ...placeOf(syslog), tls: options.tls !== 'none', ...trusted };
  const { passwordFile: file, passwordCredential: credential } = options;
  const password = file === undefined ? { credential } : { file };
  return {
    kind: 'smtp',
    name,
    ...placeOf(smtp ?? ''),
    tls: options.tls ?? 'starttls',
    from: options.from,
    to: listOf(options.to),
    ...(options.user === undefined ? {} : { login: { user: options.user, password } }),
    ...trusted,
  };
}

function secretOf({ secretFile: file, secretCredential: credential }: SinkOptions) {
  if (file !== undefined) return { secret: { file } };
  return credential === undefined ? {} : { secret: { credential } };
}

function placeOf(text: string): { readonly host: string; readonly port: number } {
  const [, host = '', port = ''] = /^\[?([^\]]*)\]?:(\d{1,5})$/.exec(text) ?? [];
  return { host, port: Number(port) };
}
