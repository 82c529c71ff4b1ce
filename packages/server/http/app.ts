import { groupOf, streamsOf, transcriptOf } from '@halligan/evidence';
import { base64, fromBase64, HalliganError } from '@halligan/format';
import { obligations } from '@halligan/procedure';
import { packSeal } from '@halligan/seal';
import type { Member } from '@halligan/statement';
import { parseSystemConfig } from '@halligan/systems';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { blobsOf } from '../attached.ts';
import type { Effects } from '../effects.ts';
import { makeProver } from '../exercise.ts';
import type { JoinDesk } from '../join-desk.ts';
import { evidenceOf } from '../packing.ts';
import type { ServerParts } from '../parts.ts';
import { sealOfRequest } from '../release.ts';
import { takeIn } from '../submission.ts';
import { readSystem, requireRecorded, writeSystem } from '../system-files.ts';
import { failed, placeOf, refused } from './problem.ts';
import { Sessions } from './sessions.ts';
import { streamCheckpoints } from './stream.ts';

/** Statements with their attachments: a few files of 8 MiB as base64. */
const BODY_LIMIT = 32 << 20;

const id = z.string().regex(/^[a-z0-9-]{1,63}$/);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const viewQuery = z.strictObject({
  emergency: digest.optional(),
  account: id.optional(),
  since: z.coerce.number().int().min(0).default(0),
});
const answer = z.strictObject({
  person: id,
  challenge: z.string().max(128),
  signature: z.string().max(4096),
});
/** Signed inventory entries, the settings that they name, and the driver's credential, encrypted to the rotator. */
const systemBody = z.strictObject({
  submissions: z.array(z.unknown()).max(2).default([]),
  config: z.unknown(),
  secret: z.string().max(65_536).optional(),
});

/** The server's HTTP interface. It orders and stores; who may do what is decided by the rules, not here. */
export function httpApp(
  parts: ServerParts,
  desk: JoinDesk,
  effects: Effects,
  tls?: { readonly key: string; readonly cert: string },
): FastifyInstance {
  const { leader } = parts;
  const sessions = new Sessions();
  const app: FastifyInstance = Fastify({
    bodyLimit: BODY_LIMIT,
    logger: false,
    ...(tls === undefined ? {} : { https: tls }),
  }) as unknown as FastifyInstance;
  const signedIn = (request: FastifyRequest): Member =>
    sessions.person(request.headers.authorization, leader.state.roster);

  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof HalliganError)) parts.log(`http: ${placeOf(error)}`);
    return failed(reply, error);
  });
  app.setNotFoundHandler((_request, reply) =>
    failed(
      reply,
      new HalliganError('server.not-found', 'There is nothing here.', 'See docs/formats/api.md.'),
    ),
  );

  app.get('/healthz', () => ({ ok: true, entries: leader.checkpoint().size }));

  app.post('/v1/sign-in/challenge', () => ({ challenge: sessions.challenge() }));
  app.post('/v1/sign-in', async (request) => {
    const { roster } = leader.state;
    if (roster === undefined)
      throw new HalliganError(
        'server.not-set-up',
        'This server has no organisation yet.',
        'Run halligan init.',
      );
    return { token: await sessions.open(parse(answer, request.body), roster) };
  });

  // Whoever joins compares the genesis by its words: until then this is what the server says.
  app.get('/v1/genesis', async () => ({
    view: await leader.view(['organisation'], 0),
    settings: { organisation: parts.settings.organisation, practice: parts.settings.practice },
  }));
  app.post('/v1/join', async (request) => desk.apply(request.body));
  app.get('/v1/join', (request) => {
    requireRole(signedIn(request), 'admin');
    return { waiting: desk.waiting() };
  });

  app.get('/v1/view', async (request) => {
    signedIn(request);
    const { emergency, account, since } = parse(viewQuery, request.query);
    const accountId =
      account ??
      (emergency === undefined ? undefined : leader.state.emergencies[emergency]?.account);
    const streams =
      emergency !== undefined && accountId !== undefined
        ? streamsOf(emergency, accountId)
        : ['organisation', ...(accountId === undefined ? [] : [`account:${accountId}`])];
    return leader.view(streams, since);
  });

  app.get('/v1/emergencies', (request) => {
    signedIn(request);
    return {
      emergencies: Object.values(leader.state.emergencies).map(
        ({ id, account, drill, requester, at, closed, aborted, ended }) => ({
          id,
          account,
          drill,
          requester,
          at,
          ended: ended?.at,
          aborted: aborted?.at,
          closed: closed?.at,
        }),
      ),
    };
  });
  app.get('/v1/accounts', (request) => {
    signedIn(request);
    return {
      accounts: Object.values(leader.state.accounts).map(({ document, state, current }) => ({
        ...document,
        state,
        current,
      })),
    };
  });
  app.get('/v1/obligations', (request) => {
    signedIn(request);
    return { obligations: obligations(leader.state, leader.now()) };
  });
  app.get('/v1/systems/:system', async (request) => {
    signedIn(request);
    return {
      config: (await readSystem(parts.home, parse(z.object({ system: id }), request.params).system))
        .config,
    };
  });

  app.post('/v1/statements', async (request, reply) => {
    signedIn(request);
    const outcome = await takeIn(parts, request.body);
    if ('refusal' in outcome) return refused(reply, outcome.refusal);
    return reply.code(201).send({ events: outcome.events, size: outcome.checkpoint.size });
  });

  app.post('/v1/systems/:system', async (request, reply) => {
    requireRole(signedIn(request), 'admin');
    const { system } = parse(z.object({ system: id }), request.params);
    const { submissions, config, secret } = parse(systemBody, request.body);
    // Before anything is on the record: settings that no driver understands change nothing.
    const settings = parseSystemConfig(config);
    const ciphertext = secret === undefined ? undefined : fromBase64(secret);
    for (const submission of submissions) {
      const outcome = await takeIn(parts, submission);
      if ('refusal' in outcome) return refused(reply, outcome.refusal);
    }
    requireRecorded(leader.state, system, settings);
    await writeSystem(parts.home, system, settings, ciphertext);
    effects.look();
    return reply.code(201).send({ system });
  });

  app.post('/v1/accounts/:account/rotate', (request, reply) => {
    requireRole(signedIn(request), 'admin');
    effects.rotateNow(parse(z.object({ account: id }), request.params).account);
    return reply.code(202).send({});
  });

  app.get('/v1/emergencies/:emergency/openings/:request', async (request) => {
    signedIn(request);
    const asked = parse(z.object({ emergency: digest, request: digest }), request.params);
    const seal = await sealOfRequest(parts, asked.emergency, asked.request);
    const opening = leader.state.emergencies[asked.emergency]?.openings.find(
      (one) => one.request === asked.request,
    );
    if (seal === undefined || opening === undefined)
      throw new HalliganError(
        'server.emergency',
        'There is no such opening.',
        'See halligan emergency show.',
      );
    const released = await Promise.all(
      opening.releases.map(async ({ path, group, holder, ciphertext }) => ({
        path,
        group,
        holder,
        ciphertext: base64(await parts.blobs.get(ciphertext)),
      })),
    );
    return { seal: base64(packSeal(seal)), released };
  });

  app.get('/v1/emergencies/:emergency/attachments/:digest', async (request) => {
    signedIn(request);
    const asked = parse(z.object({ emergency: digest, digest }), request.params);
    const emergency = leader.state.emergencies[asked.emergency];
    if (emergency === undefined)
      throw new HalliganError(
        'server.emergency',
        'There is no such emergency.',
        'See halligan emergency list.',
      );
    const { entries } = transcriptOf(
      (await leader.view([`emergency:${asked.emergency}`], 0)).transcript,
    );
    const blob = blobsOf(entries.map(({ index, bytes }) => groupOf(index, fromBase64(bytes)))).get(
      asked.digest,
    );
    if (blob === undefined)
      throw new HalliganError(
        'server.not-found',
        'There is no such text or file.',
        'See halligan emergency show.',
      );
    return parts.attachments.get(asked.emergency, blob);
  });

  app.post('/v1/emergencies/:emergency/prover', async (request) => {
    signedIn(request);
    return makeProver(parts, parse(z.object({ emergency: digest }), request.params).emergency);
  });

  app.get('/v1/emergencies/:emergency/evidence', async (request, reply) => {
    signedIn(request);
    const pack = await evidenceOf(
      parts,
      parse(z.object({ emergency: digest }), request.params).emergency,
    );
    return reply.type('application/zip').send(Buffer.from(pack));
  });

  app.get('/v1/stream', (request, reply) => {
    signedIn(request);
    return streamCheckpoints(leader, request, reply);
  });

  return app;
}

function parse<Shape extends z.ZodType>(schema: Shape, value: unknown): z.output<Shape> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new HalliganError(
    'server.request',
    `This request is not valid at ${parsed.error.issues[0]?.path.join('.') || 'the body'}.`,
    'Use the halligan program of the same version.',
  );
}

function requireRole(member: Member, role: Member['roles'][number]): void {
  if (!member.roles.includes(role))
    throw new HalliganError('server.forbidden', `Only ${role}s may do this.`, 'Ask one of them.');
}
