import { randomUUID } from 'node:crypto';
import { HalliganError } from '@halligan/format';
import type { Refusal } from '@halligan/procedure';
import type { Member } from '@halligan/statement';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Log } from '../log/log.ts';
import { placeOf } from '../log/redaction.ts';
import { Counts } from '../metrics/counts.ts';
import { answerBrokenRequest, answerExpectation } from './client-fault.ts';
import { Crowd, type CrowdLimits } from './crowd.ts';
import { Gate, type Rates } from './gate.ts';
import { failed, isOurFault, problemCodeOf, refused } from './problem.ts';
import type { Reception } from './reception.ts';
import type { Route } from './route.ts';
import { allRoutes } from './routes/index.ts';
import { notSignedIn, Sessions } from './sessions.ts';
import { CheckpointStreams, type StreamLimits } from './stream.ts';

/**
 * What a connection may take, milliseconds and bytes: a peer that sends a byte a minute holds nothing for long. The
 * longest request is 32 MiB of attachments over a poor line.
 */
export interface ConnectionLimits {
  /** Until a request came whole. */
  readonly requestTimeout: number;
  /** Until its headers did. */
  readonly headersTimeout: number;
  /** Until a peer that neither sends nor takes anything is let go; a stream's heartbeat is less. */
  readonly connectionTimeout: number;
  readonly keepAliveTimeout: number;
  /** Until TLS is agreed upon. */
  readonly handshakeTimeout: number;
  /** How often the first two are looked at. */
  readonly connectionsCheckingInterval: number;
}

const LIMITS: ConnectionLimits = {
  requestTimeout: 120_000,
  headersTimeout: 20_000,
  connectionTimeout: 180_000,
  keepAliveTimeout: 30_000,
  handshakeTimeout: 10_000,
  connectionsCheckingInterval: 5_000,
};
const MOST_HEADERS = 16 << 10;

/** Our routes parse and answer by their own schemas: Fastify's compilers, a megabyte of code, stay unloaded. */
const OWN_SCHEMAS = {
  compilersFactory: {
    buildValidator: () => unused,
    buildSerializer: () => unused,
  },
};

function unused(): never {
  throw new Error('no route gives Fastify a schema');
}

/** What holds of every answer: it is for this caller alone, and is what it says it is. */
const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/** How much callers may take. */
export interface HttpOptions {
  /** No setting of an operator's: whoever fuzzes it in a process of their own calls more often than anybody may. */
  readonly rates?: Partial<Rates>;
  /** How long a slow peer may hold a connection. */
  readonly connections?: Partial<ConnectionLimits>;
  readonly crowd?: Partial<CrowdLimits>;
  readonly streams?: Partial<StreamLimits>;
}

/** The server's HTTP interface. It orders and stores; who may do what is decided by the rules, not here. */
export function httpApp(
  means: Omit<Reception, 'sessions' | 'streams' | 'crowd' | 'requests' | 'forged'>,
  tls?: { readonly key: string; readonly cert: string },
  { rates, connections, ...most }: HttpOptions = {},
): FastifyInstance {
  const { parts } = means;
  const sessions = new Sessions();
  const streams = new CheckpointStreams(parts.leader, most.streams);
  sessions.onEnd(() => streams.look());
  const crowd = new Crowd(most.crowd, parts.settings.proxies);
  const requests = new Counts('route', 'status');
  const gate = new Gate(sessions, () => parts.leader.state, rates);
  const forged = (request: FastifyRequest) => gate.forged(request);
  const routes = allRoutes({ ...means, sessions, streams, crowd, requests, forged });
  const { headersTimeout, connectionsCheckingInterval, handshakeTimeout, ...limits } = {
    ...LIMITS,
    ...connections,
  };
  const ofNode = { headersTimeout, connectionsCheckingInterval, maxHeaderSize: MOST_HEADERS };
  const app: FastifyInstance = Fastify({
    logger: false,
    ...limits,
    trustProxy: [...(parts.settings.proxies ?? [])],
    genReqId: () => randomUUID(),
    schemaController: OWN_SCHEMAS,
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => {
      marked(request, reply);
      failed(reply, error);
    },
    ...(tls === undefined ? { http: ofNode } : { https: { ...ofNode, handshakeTimeout, ...tls } }),
  }) as unknown as FastifyInstance;
  app.server.on('checkExpectation', answerExpectation);
  crowd.watch(app.server);
  app.addHook('onRequest', async (request, reply) => marked(request, reply));
  app.addHook('onResponse', async (request, reply) => {
    requests.add(routeOf(request), String(reply.statusCode));
    note(parts.log, request, reply);
  });
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((error, request, reply) => {
    if (isOurFault(error))
      parts.log('error', 'http', 'a request failed', { id: request.id, where: placeOf(error) });
    return failed(reply, error);
  });
  app.setNotFoundHandler((request, reply) => failed(reply, nothingHere(routes, request, reply)));
  // Only where it is asked for: a body that comes as a stream passes no limit but its handler's.
  const takingBytes = (scope: FastifyInstance) =>
    scope.addContentTypeParser('application/octet-stream', (_request, payload, done) =>
      done(null, payload),
    );
  const add = (scope: FastifyInstance, route: Route) =>
    scope.route({
      method: route.method,
      url: route.path.replaceAll(/\{([a-z]+)\}/g, ':$1'),
      bodyLimit: route.bodyLimit,
      exposeHeadRoute: route.stream === undefined,
      // Before the body is read: strangers send no megabytes.
      onRequest: async (request) => {
        const member = gate.enter(route.who, route.cost, request);
        if (member !== undefined) crowd.isOf(request.raw.socket, member.id);
      },
      handler: async (request, reply) => {
        const member = gate.member(route.who, request);
        if (route.stream === undefined) return answer(route, member, request, reply);
        if (member === undefined) throw notSignedIn();
        route.stream(member, request, reply);
        return reply;
      },
    });
  for (const route of routes) {
    if (!route.takesBytes) add(app, route);
    else
      app.register(async (scope) => {
        takingBytes(scope);
        add(scope, route);
      });
  }
  return app;
}

function marked({ id }: FastifyRequest, reply: FastifyReply): void {
  reply.headers({ ...HEADERS, 'x-request-id': id });
}

/** Asked for every few seconds, or so often that it was turned away: a flood fills no disk. */
const QUIET = new Set(['/healthz', '/metrics']);
/** What it took is in a journal already. */
const REPORTED = 'POST /v1/machines/{machine}/reports';

/** A line for each request: which route, never the path with what somebody wrote into it. */
function note(log: Log, request: FastifyRequest, reply: FastifyReply): void {
  const route = routeOf(request);
  const { statusCode: status } = reply;
  const asked = `${request.method} ${route}`;
  const level =
    status >= 500 && status !== 503
      ? 'error'
      : QUIET.has(route) || status === 429 || (status === 201 && asked === REPORTED)
        ? 'debug'
        : 'info';
  const code = problemCodeOf(reply);
  log(level, 'http', asked, {
    id: request.id,
    method: request.method,
    route,
    status,
    ...(code === undefined ? {} : { code }),
    milliseconds: Math.round(reply.elapsedTime * 10) / 10,
    from: request.ip,
  });
}

/** The route of a request as the documentation writes it; `none` where there is no such. */
function routeOf({ routeOptions: { url } }: FastifyRequest): string {
  return url?.replaceAll(/:([a-z]+)/g, '{$1}') ?? 'none';
}

async function answer(
  route: Route,
  member: Member | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { params, query, body } = request;
  const given = await route.run({ member, params, query, body }, request);
  if (isRefused(given)) return refused(reply, given.refusal);
  const { answers } = route;
  if ('body' in answers) return reply.code(answers.status).send(given);
  if (given instanceof ReadableStream)
    return reply.code(answers.status).type(answers.media).send(given);
  const bytes = given instanceof Uint8Array ? Buffer.from(given) : String(given);
  return reply.code(answers.status).type(answers.media).send(bytes);
}

function isRefused(given: unknown): given is { readonly refusal: Refusal } {
  return typeof given === 'object' && given !== null && 'refusal' in given;
}

/** No such path, or not by this method. */
function nothingHere(
  routes: readonly Route[],
  request: FastifyRequest,
  reply: FastifyReply,
): HalliganError {
  const path = request.url.split('?')[0] ?? '';
  const allowed = routes.filter((one) => patternOf(one).test(path)).map(({ method }) => method);
  if (allowed.length === 0)
    return new HalliganError(
      'server.not-found',
      'There is nothing here.',
      'See docs/formats/api.md.',
    );
  reply.header('allow', [...new Set(allowed)].join(', '));
  return new HalliganError(
    'server.method',
    `This does not take ${request.method}.`,
    `Use ${allowed.join(' or ')}; see docs/formats/api.md.`,
  );
}

function patternOf({ path }: Route): RegExp {
  const exact = path.replaceAll('.', '\\.').replaceAll('*', '.+');
  return new RegExp(`^${exact.replaceAll(/\{[a-z]+\}/g, '[^/]+')}$`);
}
