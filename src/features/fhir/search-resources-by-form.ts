import type { Bundle } from 'fhir/r4.js'
import type { Context } from '../../platform/context.ts'
import type { ResourceType } from './resource-types.ts'
import { searchResources } from './search-resources.ts'

/**
 * The same search with its parameters in a form (`POST …/_search`), so that what is sensitive stays out of addresses
 * and logs; parameters of the address count too.
 */
export function searchResourcesByForm(
  ctx: Context,
  type: ResourceType,
  { query, form }: { query: readonly (readonly [string, string])[]; form: string },
  base: string,
): Promise<Bundle> {
  return searchResources(ctx, type, [...query, ...new URLSearchParams(form)], base)
}
