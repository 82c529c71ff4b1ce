import { z } from 'zod';
import about from '../package.json' with { type: 'json' };
import { problemSchema } from './problem.ts';
import type { Route, Who } from './route.ts';

/** An OpenAPI 3.1 document, as plain JSON. */
export type OpenApi = Readonly<Record<string, unknown>>;

/**
 * The OpenAPI 3.1 document of some routes, made from the very schemas that check their requests: what is documented
 * is what is enforced.
 */
export function openApiOf(routes: readonly Route[]): OpenApi {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    // A rest of a path, `*`, has no other spelling in OpenAPI than a parameter that may hold slashes.
    const name = route.path.replace('*', '{path}');
    const path = paths[name] ?? {};
    path[route.method.toLowerCase()] = operationOf({ ...route, path: name });
    paths[name] = path;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Halligan',
      version: about.version,
      summary: 'Emergency access: sealed credentials that only a quorum opens.',
      description:
        'People’s devices speak to the server by this interface, and prove what it answers. See docs/formats/api.md.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: { Problem: schemaOf(problemSchema, 'output') },
      securitySchemes: { session: { type: 'http', scheme: 'bearer' } },
      responses: {
        Problem: {
          description: 'Why not: problem details (RFC 9457) with a stable code and the next step.',
          content: {
            'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
          },
        },
      },
    },
  };
}

function operationOf(route: Route): unknown {
  const { method, path, summary, who, schemas, bodyLimit, takesBytes, answers } = route;
  const { body } = schemas;
  const content =
    'body' in answers
      ? { 'application/json': { schema: schemaOf(answers.body, 'output') } }
      : { [answers.media]: {} };
  return {
    operationId: [method.toLowerCase(), ...path.split('/').slice(1)]
      .map((part) => part.replaceAll(/[^a-z0-9]+/g, ''))
      .join('_'),
    summary,
    ...(who === 'anybody' ? {} : { security: securityOf(who), 'x-who': who }),
    parameters: [...parametersIn('path', schemas.params), ...parametersIn('query', schemas.query)],
    ...(takesBytes
      ? { requestBody: { required: true, content: { 'application/octet-stream': {} } } }
      : {}),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(body, 'input') } },
          },
          'x-body-limit': bodyLimit,
        }),
    responses: {
      [answers.status]: { description: 'Done.', content },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

function securityOf(who: Exclude<Who, 'anybody'>): unknown {
  // By the signature in what it sends.
  if (who === 'machine') return [{}];
  const session = { session: [] };
  return typeof who === 'object' && 'hereOr' in who ? [{}, session] : [session];
}

const objectSchema = z.looseObject({
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
});

function parametersIn(place: 'path' | 'query', schema: z.ZodType): readonly unknown[] {
  const { properties, required } = objectSchema.parse(schemaOf(schema, 'input'));
  return Object.entries(properties).map(([name, property]) => ({
    name: name === '*' ? 'path' : name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return json;
}
