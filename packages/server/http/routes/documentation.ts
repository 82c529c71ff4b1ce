import { z } from 'zod';
import { openApiOf } from '../openapi.ts';
import { type Route, route } from '../route.ts';

/** The interface says what it is. @param others all other routes */
export function documentationRoutes(others: readonly Route[]): readonly Route[] {
  const own: Route = route({
    method: 'GET',
    path: '/v1/openapi.json',
    summary: 'This document.',
    who: 'anybody',
    cost: 2,
    answers: { status: 200, body: z.looseObject({ openapi: z.string() }) },
    handle: () => document,
  });
  const routes = [...others, own];
  const document = { openapi: '3.1.0', ...openApiOf(routes) };
  return routes;
}
