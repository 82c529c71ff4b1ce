import { HalliganError } from '@halligan/format';
import type { Refusal } from '@halligan/procedure';
import type { Member, Role } from '@halligan/statement';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { notSignedIn } from './sessions.ts';

/**
 * Who may call a route; `anybody` is whoever reaches the port, `machine` one that the record names, which signs what it
 * sends: the handler verifies that.
 */
export type Who = 'anybody' | 'machine' | Audience | { readonly hereOr: Audience };

/** Whoever is on the roster, or people with one of some roles. `hereOr`: and programs on the server's own machine. */
type Audience = 'member' | readonly Role[];

/** What a route answers: a JSON body that its schema describes, or bytes of a media type. */
export type Answers =
  | { readonly status: 200 | 201 | 202; readonly body: z.ZodType }
  | { readonly status: 200; readonly media: string };

/** Bytes that are sent as they come. */
export type Flow = ReadableStream<Uint8Array>;

/** A checked call: everything in it was parsed by the route's own schemas. */
export interface Call<Caller, Params, Query, Body> {
  /** Who is signed in; undefined where anybody may call. */
  readonly member: Caller;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
}

type CallerOf<W extends Who> = W extends Audience ? Member : undefined;

/** What a handler gives back: what the route answers, or why the rules say no. */
type Given<A extends Answers> =
  | (A extends { readonly body: z.ZodType } ? z.input<A['body']> : Uint8Array | string | Flow)
  | Refused;

/** The rules said no. */
export interface Refused {
  readonly refusal: Refusal;
}

/** One route, defined once: what is checked, what is documented and what is done cannot differ. */
export interface RouteDefinition<
  W extends Who,
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  A extends Answers,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With parameters in braces, as OpenAPI writes them: `/v1/systems/{system}`. */
  readonly path: string;
  /** One line for the documentation. */
  readonly summary: string;
  readonly who: W;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Its body is bytes of any length, which the handler takes from the request as they come, and counts. */
  readonly takesBytes?: true;
  /** What a body that the schema refuses is called; `server.request` where a route says nothing. */
  readonly fault?: string;
  /** Most bytes of a body; 64 KiB where a route says nothing. */
  readonly bodyLimit?: number;
  /** How many calls one counts for, where the caller is not signed in; of 0 it is answered however often. */
  readonly cost?: number;
  readonly answers: A;
  readonly handle: (
    call: Call<CallerOf<W>, z.output<P>, z.output<Q>, z.output<B>>,
    request: FastifyRequest,
  ) => Given<A> | Promise<Given<A>>;
}

/** A route whose types are known to its own handler alone. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  readonly who: Who;
  readonly schemas: {
    readonly params: z.ZodType;
    readonly query: z.ZodType;
    readonly body: z.ZodType | undefined;
  };
  readonly bodyLimit: number;
  readonly takesBytes: boolean;
  readonly cost: number;
  readonly answers: Answers;
  /** Parses, handles. @throws `server.request` where a part is not what the schema says */
  readonly run: (raw: RawCall, request: FastifyRequest) => Promise<unknown>;
  /** Takes over the connection, for streams that do not end. */
  readonly stream?: (member: Member, request: FastifyRequest, reply: FastifyReply) => void;
}

/** A call as it came in. */
export interface RawCall {
  readonly member: Member | undefined;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

const NOTHING = z.strictObject({});
const BODY_LIMIT = 64 << 10;

/** Defines a route. */
export function route<
  const W extends Who,
  const A extends Answers,
  P extends z.ZodType = typeof NOTHING,
  Q extends z.ZodType = typeof NOTHING,
  B extends z.ZodType = typeof NOTHING,
>(definition: RouteDefinition<W, P, Q, B, A>): Route {
  const { method, path, summary, who, params, query, body, bodyLimit = BODY_LIMIT } = definition;
  return {
    method,
    path,
    summary,
    who,
    schemas: { params: params ?? NOTHING, query: query ?? NOTHING, body },
    bodyLimit,
    takesBytes: definition.takesBytes ?? false,
    cost: definition.cost ?? 1,
    answers: definition.answers,
    run: async (raw, request) =>
      definition.handle(
        {
          member: callerOf(who, raw.member),
          params: parsedBy(params, raw.params),
          query: parsedBy(query, raw.query),
          // Programs send an empty object where nothing is asked for; what it holds is nobody's business.
          body: parsedBy(body, body === undefined ? {} : raw.body, definition.fault),
        },
        request,
      ),
  };
}

/** A route that answers with a stream of server-sent events. */
export function streamRoute(definition: {
  readonly path: string;
  readonly summary: string;
  readonly stream: (member: Member, request: FastifyRequest, reply: FastifyReply) => void;
}): Route {
  return {
    ...definition,
    method: 'GET',
    who: 'member',
    schemas: { params: NOTHING, query: NOTHING, body: undefined },
    bodyLimit: BODY_LIMIT,
    takesBytes: false,
    cost: 1,
    answers: { status: 200, media: 'text/event-stream' },
    run: async () => undefined,
  };
}

/** The caller as the handler's type has it: the gate let nobody through whom `who` does not name. */
function callerOf<W extends Who>(who: W, member: Member | undefined): CallerOf<W> {
  const mayBeNobody =
    who === 'anybody' || who === 'machine' || (typeof who === 'object' && 'hereOr' in who);
  if (!mayBeNobody && member === undefined) throw notSignedIn();
  return (mayBeNobody ? undefined : member) as CallerOf<W>;
}

/** What a part of a request is, once it is what the schema says. @throws `server.request`, or the route's own code */
function parsedBy<S extends z.ZodType>(
  schema: S | undefined,
  value: unknown,
  code = 'server.request',
): z.output<S> {
  const parsed = (schema ?? NOTHING).safeParse(value);
  if (parsed.success) return parsed.data as z.output<S>;
  throw new HalliganError(
    code,
    `This request is not valid at ${placeIn(parsed.error)}.`,
    'Use the halligan program of the same version, or see docs/formats/api.md.',
  );
}

/** Where a request is wrong; a member's own name is the caller's text, so it is cut to what a name may be. */
function placeIn(error: z.ZodError): string {
  const place = error.issues[0]?.path.map(String).join('.') ?? '';
  if (place === '') return 'the whole of it';
  return /^[A-Za-z0-9_.-]{1,100}$/.test(place) ? place : 'a member with a strange name';
}
