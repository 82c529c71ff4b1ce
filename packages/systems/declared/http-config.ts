import { z } from 'zod';
import { answers, INSPECT_MEANINGS, PROVE_MEANINGS, SET_MEANINGS } from './outcome.ts';
import { type Field, fieldsOf, template } from './template.ts';
import { Telling } from './told.ts';

/** RFC 9110 section 5.1; what frames a message is not a setting's to say. */
const HeaderName = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/)
  .refine((name) => !/^(host|connection|content-length|transfer-encoding|te|upgrade)$/i.test(name));

function request(fields: readonly Field[]) {
  const text = template(fields);
  return z
    .strictObject({
      method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
      /** Below `url`. A secret never goes into it: addresses are logged everywhere. */
      path: template(['account']).regex(/^\/[^\s#]*$/),
      headers: z.record(HeaderName, text).default({}),
      /** RFC 7617. */
      basic: z.strictObject({ user: text, password: text }).readonly().exactOptional(),
      json: z
        .json()
        .refine((value) => JSON.stringify(value).length <= 16_384)
        .refine((value) =>
          [...fieldsOf(value)].every((one) => fields.some((field) => field === one)),
        )
        .exactOptional(),
      /** application/x-www-form-urlencoded. */
      form: z.record(z.string().min(1).max(100), text).exactOptional(),
    })
    .refine(({ json, form }) => json === undefined || form === undefined, {
      message: 'has either json or form',
    })
    .readonly();
}

/** An answer: one of these status codes and, where it is said, these members of its JSON. */
const criteria = {
  status: z.array(z.int().min(200).max(599)).min(1).max(32).readonly(),
  where: z
    .record(
      z.string().regex(/^(\/[^/]{0,100}){1,8}$/),
      z.union([z.string(), z.boolean(), z.number()]),
    )
    .exactOptional(),
};

/** A system with an HTTP interface of its own, declared step by step. */
export const HttpConfig = z.lazy(() =>
  z
    .strictObject({
      driver: z.literal('http'),
      /** `https://host[:port][/prefix]`; `http://` on loopback only. */
      url: z
        .url({ protocol: /^https?$/ })
        .max(512)
        .regex(/^[^?#@]*$/),
      /** Certificates (PEM) to trust instead of the machine's. */
      ca: z.string().max(65_536).optional(),
      /** `self`: the account changes its own password, and `set` names `{old}` instead of `{credential}`. */
      rotation: z.enum(['standing', 'self']).default('standing'),
      inspect: z
        .strictObject({
          request: request(['account', 'credential']),
          answers: answers(INSPECT_MEANINGS, 'exists', criteria),
          tells: Telling.default({}),
        })
        .readonly()
        .exactOptional(),
      set: z
        .strictObject({
          request: request(['account', 'password', 'old', 'credential']),
          answers: answers(SET_MEANINGS, 'done', criteria),
        })
        .readonly(),
      prove: z
        .strictObject({
          request: request(['account', 'password']),
          answers: answers(PROVE_MEANINGS, 'accepted', criteria).refine((rows) =>
            rows.some(({ means }) => means === 'rejected'),
          ),
          /** Signs out again, with what the sign-in answered: `{answer:/token}`. */
          signOut: request(['account']).exactOptional(),
        })
        .readonly(),
      /** Milliseconds for each request, connection included. */
      timeout: z.int().min(100).max(120_000).default(15_000),
    })
    .refine(hasRotation, { path: ['rotation'], message: 'self names {old}, standing does not' })
    .readonly(),
);

export type HttpConfig = z.infer<typeof HttpConfig>;
export type HttpRequest = HttpConfig['set']['request'];

/** An account that changes itself needs its old password, and has no standing credential over it. */
export function hasRotation(config: {
  readonly rotation: 'standing' | 'self';
  readonly set: unknown;
  readonly inspect?: unknown;
}): boolean {
  const set = fieldsOf(config.set);
  const named = new Set([...set, ...fieldsOf(config.inspect ?? null)]);
  if (!set.has('password')) return false;
  return config.rotation === 'self' ? set.has('old') && !named.has('credential') : !set.has('old');
}
