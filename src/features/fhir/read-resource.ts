import { z } from 'zod'
import type { Context } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { permit } from '../identity/permissions.ts'
import type { ResourceType } from './resource-types.ts'
import { type Resource, resourcesOf } from './resources-of.ts'

/** One resource. @throws Refusal `not_found`, also for an id that is none. */
export async function readResource(ctx: Context, type: ResourceType, id: string): Promise<Resource> {
  permit(ctx, 'directory.read')
  const [resource] = z.uuid().safeParse(id).success ? await resourcesOf(ctx, type, [id.toLowerCase()]) : []
  return found(resource, type)
}
