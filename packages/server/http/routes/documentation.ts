import { z } from 'zod';
import { type OpenApi, openApiOf } from '../openapi.ts';
import { type Route, route } from '../route.ts';

/** The interface says what it is. @param others all other routes */
export function documentationRoutes(others: readonly Route[]): readonly Route[] {
  let document: (OpenApi & { readonly openapi: string }) | undefined;
  const own: Route = route({
    method: 'GET',
    path: '/v1/openapi.json',
    summary: 'This document.',
    who: 'anybody',
    cost: 2,
    answers: { status: 200, body: z.looseObject({ openapi: z.string() }) },
    handle: () => {
      // At the first question: nobody waits for it at the start.
      document ??= { openapi: '3.1.0', ...openApiOf(routes) };
      return document;
    },
  });
  const routes = [...others, own];
  return routes;
}
