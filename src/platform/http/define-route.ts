/** Routes as values: what the OpenAPI document says of an operation, and its handler. */
import {
  createRoute,
  defineOpenAPIRoute,
  type OpenAPIRoute,
  type RouteConfig,
  type RouteHandler,
  type z,
} from '@hono/zod-openapi'
import type { Env } from './router.ts'

/** One operation. `operationId` is the name of its verb. */
export function defineRoute<
  const Path extends string,
  const Config extends Omit<RouteConfig, 'path'> & { path: Path; operationId: string; summary: string },
>(config: Config, handler: RouteHandler<Config, Env>): OpenAPIRoute<Config, Env, true> {
  const definition = { route: createRoute(config), handler }
  return defineOpenAPIRoute<Config, Env, true>(definition as OpenAPIRoute<Config, Env, true>)
}

/** A JSON answer. */
export function json<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { 'application/json': { schema } } }
}

/** A JSON body. Required: without this flag a missing content type would skip validation. */
export function body<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } } as const
}
