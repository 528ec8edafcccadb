/** The endpoints of Open Referral UK 3.0: HSDS's, with its own filters and the properties that it requires. */
import type { Context } from '../../platform/context.ts'
import { getDirectory } from './get-directory.ts'
import type { Listing } from './list-records.ts'
import type { Nested } from './nest.ts'
import {
  getDirectoryService,
  getServiceAtLocation,
  listDirectoryServices,
  listServicesAtLocations,
} from './read-services.ts'
import { getTaxonomy, getTaxonomyTerm, listTaxonomies, listTaxonomyTerms } from './read-taxonomies.ts'
import type {
  HsdsDirectory,
  UkServicesAtLocationsQuery,
  UkServicesQuery,
  UkTaxonomiesQuery,
} from './schemas.ts'
import { ukService, ukServiceAtLocation, ukTaxonomyTerm } from './uk-form.ts'

const UK_PROFILE = 'https://docs.openreferraluk.org/'

const ukOf = ({ publisher }: Context) => `${publisher.url}/hsds/uk`

/** Which standard the UK endpoints follow, and who publishes. */
export async function getUkDirectory(ctx: Context): Promise<HsdsDirectory> {
  return { ...(await getDirectory(ctx)), version: '3.0', profile: UK_PROFILE }
}

/** Services as the UK profile shows them. */
export async function listUkServices(ctx: Context, asked: UkServicesQuery): Promise<Listing> {
  const listing = await listDirectoryServices(ctx, { ...asked, minimal: false, full: false })
  return mapListing(listing, (service) => ukService(service, ukOf(ctx)))
}

/**
 * One service as the UK profile shows it.
 * @throws Refusal `not_found`.
 */
export async function getUkService(ctx: Context, asked: { id: string }): Promise<Nested> {
  return ukService(await getDirectoryService(ctx, asked), ukOf(ctx))
}

/** Services at locations as the UK profile shows them. */
export async function listUkServicesAtLocations(
  ctx: Context,
  asked: UkServicesAtLocationsQuery,
): Promise<Listing> {
  const listing = await listServicesAtLocations(ctx, { ...asked, full: false })
  return mapListing(listing, (place) => ukServiceAtLocation(place, ukOf(ctx)))
}

/**
 * One service at a location as the UK profile shows it.
 * @throws Refusal `not_found`.
 */
export async function getUkServiceAtLocation(ctx: Context, asked: { id: string }): Promise<Nested> {
  return ukServiceAtLocation(await getServiceAtLocation(ctx, asked), ukOf(ctx))
}

/** Taxonomies: the UK profile shows them as HSDS does. */
export const listUkTaxonomies: (ctx: Context, asked: UkTaxonomiesQuery) => Promise<Listing> = listTaxonomies

/** One taxonomy. */
export const getUkTaxonomy = getTaxonomy

/** Terms as the UK profile shows them. */
export async function listUkTaxonomyTerms(ctx: Context, asked: UkTaxonomiesQuery): Promise<Listing> {
  return mapListing(await listTaxonomyTerms(ctx, { ...asked, top_only: false }), ukTaxonomyTerm)
}

/**
 * One term as the UK profile shows it.
 * @throws Refusal `not_found`.
 */
export async function getUkTaxonomyTerm(ctx: Context, asked: { id: string }): Promise<Nested> {
  return ukTaxonomyTerm(await getTaxonomyTerm(ctx, asked))
}

function mapListing(listing: Listing, show: (shown: Nested) => Nested): Listing {
  if ('page' in listing) {
    return { page: { ...listing.page, contents: listing.page.contents.map(show) } }
  }
  return { stream: mapStream(listing.stream, show) }
}

async function* mapStream(stream: AsyncIterable<Nested>, show: (shown: Nested) => Nested) {
  for await (const shown of stream) yield show(shown)
}
