import type { Context } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { permit } from '../identity/permissions.ts'
import { datapackage } from './datapackage.ts'
import {
  COMPILED_NAMES,
  type CompiledName,
  compiledSchema,
  HSDS_VERSION,
  mergedSchema,
  PROFILE_VERSION,
  profilePatch,
  type Schema,
} from './profile-schemas.ts'
import { RECORD_KIND_NAMES, type RecordKind } from './record.ts'

const baseOf = ({ publisher }: Context) => `${publisher.url}/hsds`

/** What the Profile consists of, with the address of each document. */
export async function getProfile(ctx: Context): Promise<Schema> {
  permit(ctx, 'directory.read')
  const base = baseOf(ctx)
  const kinds = RECORD_KIND_NAMES
  return {
    id: `${base}/profile`,
    name: 'Lifecircle',
    version: PROFILE_VERSION,
    hsds_version: HSDS_VERSION,
    publisher: ctx.publisher,
    openapi: `${ctx.publisher.url}/openapi.json`,
    profile: Object.fromEntries(kinds.map((kind) => [kind, `${base}/profile/${kind}.json`])),
    schema: Object.fromEntries(kinds.map((kind) => [kind, `${base}/schema/${kind}.json`])),
    compiled: Object.fromEntries(
      COMPILED_NAMES.map((name) => [name, `${base}/schema/compiled/${name}.json`]),
    ),
    datapackage: `${base}/datapackage.json`,
  }
}

/**
 * The merge patch against the standard's schema of an object.
 * @throws Refusal `not_found` when no object has this file.
 */
export async function getProfilePatch(ctx: Context, { file }: { file: string }): Promise<Schema> {
  permit(ctx, 'directory.read')
  return profilePatch(kindOf(file), baseOf(ctx))
}

/**
 * The schema of an object, the Profile included.
 * @throws Refusal `not_found` when no object has this file.
 */
export async function getProfileSchema(ctx: Context, { file }: { file: string }): Promise<Schema> {
  permit(ctx, 'directory.read')
  return mergedSchema(kindOf(file), baseOf(ctx))
}

/**
 * The schema of an answer in one document.
 * @throws Refusal `not_found` when no answer has this file.
 */
export async function getCompiledSchema(ctx: Context, { file }: { file: string }): Promise<Schema> {
  permit(ctx, 'directory.read')
  const name = COMPILED_NAMES.find((one) => `${one}.json` === file)
  if (name === undefined) throw noSuch(file)
  return compiledSchema(name as CompiledName, baseOf(ctx))
}

/** The tabular form of the directory. */
export async function getDataPackage(ctx: Context): Promise<Schema> {
  permit(ctx, 'directory.read')
  return datapackage(RECORD_KIND_NAMES, baseOf(ctx))
}

function kindOf(file: string): RecordKind {
  const kind = RECORD_KIND_NAMES.find((one) => `${one}.json` === file)
  if (kind === undefined) throw noSuch(file)
  return kind
}

const noSuch = (file: string) =>
  new Refusal('not_found', `There is no ${file} here; /hsds/profile lists the documents.`)
