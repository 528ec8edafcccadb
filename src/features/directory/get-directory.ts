import type { Context } from '../../platform/context.ts'
import { permit } from '../identity/permissions.ts'
import { HSDS_VERSION } from './profile-schemas.ts'
import type { HsdsDirectory } from './schemas.ts'

/** Which standard and profile the answers under /hsds follow, and who publishes them. */
export async function getDirectory(ctx: Context): Promise<HsdsDirectory> {
  permit(ctx, 'directory.read')
  const { name, url } = ctx.publisher
  return {
    version: HSDS_VERSION,
    profile: `${url}/hsds/profile`,
    openapi_url: `${url}/openapi.json`,
    publisher: { name, url },
  }
}
