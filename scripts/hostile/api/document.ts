import { z } from 'zod';

/** A JSON Schema as the document writes it. */
export type Schema = Readonly<Record<string, unknown>>;

const schema: z.ZodType<Schema> = z.record(z.string(), z.unknown());
const content = z.record(z.string(), z.looseObject({ schema: schema.optional() }));

const operationSchema = z.looseObject({
  operationId: z.string(),
  security: z.array(z.unknown()).optional(),
  'x-who': z
    .union([z.string(), z.array(z.string()), z.looseObject({ hereOr: z.array(z.string()) })])
    .default('anybody'),
  parameters: z
    .array(
      z.looseObject({
        name: z.string(),
        in: z.enum(['path', 'query']),
        required: z.boolean(),
        schema,
      }),
    )
    .default([]),
  requestBody: z.looseObject({ content }).optional(),
  responses: z.record(z.string(), z.looseObject({ content: content.optional() })),
});

const documentSchema = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.looseObject({ schemas: z.record(z.string(), schema) }),
});

/** One operation of the document. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  /** With parameters in braces. */
  readonly path: string;
  readonly who: z.infer<typeof operationSchema>['x-who'];
  readonly parameters: z.infer<typeof operationSchema>['parameters'];
  /** Of a JSON body; undefined where it takes none. */
  readonly body: Schema | undefined;
  readonly takesBytes: boolean;
  /** By status: the schema of its JSON; undefined where it answers bytes. */
  readonly answers: ReadonlyMap<number, z.ZodType | undefined>;
}

export interface ApiDocument {
  readonly operations: readonly Operation[];
  readonly problem: z.ZodType;
}

/** Reads the document that a server answers. */
export function apiDocument(json: unknown): ApiDocument {
  const { paths, components } = documentSchema.parse(json);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]): Operation => {
      const taken = one.requestBody?.content ?? {};
      const answers = Object.entries(one.responses)
        .filter(([status]) => status !== 'default')
        .map(([status, answer]): [number, z.ZodType | undefined] => {
          const given = answer.content?.['application/json']?.schema;
          return [
            Number(status),
            given === undefined ? undefined : z.fromJSONSchema(withoutLetters(given)),
          ];
        });
      return {
        id: one.operationId,
        method: method.toUpperCase(),
        path,
        who: one['x-who'],
        parameters: one.parameters,
        body: taken['application/json']?.schema,
        takesBytes: 'application/octet-stream' in taken,
        answers: new Map(answers),
      };
    }),
  );
  const problem = z.fromJSONSchema(components.schemas.Problem ?? {});
  return { operations, problem };
}

/** Without patterns of Unicode's classes, which zod reads as something else. */
function withoutLetters(given: Schema): Schema {
  return JSON.parse(JSON.stringify(given), (name, value: unknown) =>
    name === 'pattern' && typeof value === 'string' && value.includes('\\p{') ? undefined : value,
  );
}

/** The operation that a request is for, as the server reads its path; undefined where there is none. */
export function operationFor(
  { operations }: ApiDocument,
  method: string,
  target: string,
): Operation | undefined {
  const path = target.replace(/^https?:\/\/[^/]*/i, '').split(/[?#]/, 1)[0] ?? '';
  const asked = path.split('/').map(decoded);
  return operations.find((one) => {
    if (one.method !== method && !(method === 'HEAD' && one.method === 'GET')) return false;
    const own = one.path.split('/');
    // The rest of a path may hold slashes.
    if (own.at(-1) === '{path}' ? asked.length < own.length : asked.length !== own.length)
      return false;
    return own.every((part, at) => /^\{.*\}$/.test(part) || part === asked[at]);
  });
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
