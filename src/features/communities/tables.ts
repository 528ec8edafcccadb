import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { id, instant } from '../../platform/db/columns.ts'
import type { Outline } from './geometry.ts'
import type { Population } from './schemas.ts'

export const areaKind = pgEnum('area_kind', ['district', 'subdistrict', 'community', 'grid'])

/** The tree of areas: district → subdistrict → community → grid. */
export const areas = pgTable(
  'areas',
  {
    id: id(),
    parentId: uuid('parent_id').references((): AnyPgColumn => areas.id),
    kind: areaKind('kind').notNull(),
    /** Official code of the area, unique in the deployment. */
    code: text('code').notNull().unique('areas_code'),
    name: text('name').notNull(),
    latitude: doublePrecision('latitude'),
    longitude: doublePrecision('longitude'),
    population: jsonb('population').$type<Population>(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('areas_parent').on(table.parentId)],
)

/** Where areas end, apart from them: outlines are a hundred times as large as the rest of an area. */
export const areaOutlines = pgTable('area_outlines', {
  areaId: uuid('area_id')
    .primaryKey()
    .references(() => areas.id),
  /** Coordinates of a GeoJSON MultiPolygon. */
  outline: jsonb('outline').$type<Outline>().notNull(),
  west: doublePrecision('west').notNull(),
  east: doublePrecision('east').notNull(),
  south: doublePrecision('south').notNull(),
  north: doublePrecision('north').notNull(),
})

export const stationLevel = pgEnum('station_level', ['regional', 'community', 'neighborhood'])

/** A place of the catalog that serves an area, or as a regional station a joint community. */
export const stations = pgTable(
  'stations',
  {
    id: id(),
    /** Id of a location of the catalog, which lies to the right: no foreign key. */
    locationId: uuid('location_id').notNull().unique('stations_location'),
    areaId: uuid('area_id')
      .notNull()
      .references(() => areas.id),
    level: stationLevel('level').notNull(),
    name: text('name').notNull(),
    /** People who work there. */
    agents: integer('agents').notNull(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('stations_area').on(table.areaId), check('stations_agents', sql`${table.agents} >= 0`)],
)

/** A joint community: several communities that share one regional station. */
export const communityGroups = pgTable('community_groups', {
  id: id(),
  name: text('name').notNull(),
  stationId: uuid('station_id')
    .notNull()
    .unique('community_groups_one_per_station')
    .references(() => stations.id),
  version: integer('version').notNull().default(1),
  createdAt: instant('created_at').notNull(),
})

/** What part of its group's station each community is entitled to; the shares of a group add up to 10,000. */
export const stationShares = pgTable(
  'station_shares',
  {
    groupId: uuid('group_id')
      .notNull()
      .references(() => communityGroups.id),
    areaId: uuid('area_id')
      .notNull()
      .references(() => areas.id),
    /** Basis points. */
    share: integer('share').notNull(),
    /** Named part of the station's territory that the community belongs to, such as 臥龍次分區. */
    subArea: text('sub_area'),
  },
  (table) => [
    primaryKey({ columns: [table.groupId, table.areaId] }),
    index('station_shares_area').on(table.areaId),
    check('station_shares_share', sql`${table.share} between 0 and 10000`),
  ],
)

export const gridPost = pgEnum('grid_post', [
  'grid_leader',
  'grid_assistant',
  'police_officer',
  'social_worker',
  'health_worker',
])
export const postState = pgEnum('post_state', ['filled', 'vacant'])

/** The posts of a grid that were ever filled; a post without a row is vacant. */
export const gridPosts = pgTable(
  'grid_posts',
  {
    areaId: uuid('area_id')
      .notNull()
      .references(() => areas.id),
    post: gridPost('post').notNull(),
    state: postState('state').notNull(),
    changedAt: instant('changed_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.areaId, table.post] })],
)
