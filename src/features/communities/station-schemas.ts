/** Stations, the joint communities that share them, and the teams of grids. */
import { z } from '@hono/zod-openapi'
import { PageQuery } from '../../platform/http/paging.ts'
import { Text } from '../../platform/text.ts'
import { flawOfShares, WHOLE } from './shares.ts'

/** Whom a station serves: a joint community, one community, or a neighborhood of it. */
export const StationLevel = z.enum(['regional', 'community', 'neighborhood'])
export type StationLevel = z.infer<typeof StationLevel>

const station = {
  level: StationLevel,
  name: Text(200).openapi({ example: 'Ren’ai Integrated Care Center' }),
  areaId: z.uuid().openapi({ description: 'The area it belongs to' }),
  agents: z.number().int().min(0).max(10_000).openapi({ description: 'People who work there' }),
}

export const CreateStation = z
  .strictObject({
    ...station,
    locationId: z.uuid().openapi({ description: 'Id of a location of the catalog' }),
    agents: station.agents.default(0),
  })
  .openapi('CreateStation')
export type CreateStation = z.input<typeof CreateStation>

export const ChangeStation = z.strictObject(station).openapi('ChangeStation')
export type ChangeStation = z.input<typeof ChangeStation>

export const Station = z
  .object({
    id: z.uuid(),
    locationId: z.uuid(),
    ...station,
    version: z.number().int(),
    createdAt: z.iso.datetime(),
  })
  .openapi('Station')
export type Station = z.infer<typeof Station>

export const StationsQuery = PageQuery.extend({
  areaId: z.uuid().optional().openapi({ description: 'Only those of this area or a part of it' }),
  level: StationLevel.optional(),
})
export type StationsQuery = z.infer<typeof StationsQuery>

const Member = z.strictObject({
  areaId: z.uuid(),
  share: z.number().int().min(0).max(WHOLE).openapi({ description: 'Basis points', example: 2500 }),
  subArea: Text(200).nullable().default(null).openapi({
    description: 'Named part of the territory that the community belongs to',
    example: '臥龍次分區',
  }),
})

const group = {
  name: Text(200).openapi({ example: 'Wolong and Heping' }),
  stationId: z.uuid().openapi({ description: 'The regional station they share' }),
}

const Members = z
  .array(Member)
  .min(2)
  .max(1000)
  .superRefine((members, issues) => {
    const flaw = flawOfShares(members)
    if (flaw) issues.addIssue({ code: 'custom', path: [...flaw.path], message: flaw.message })
  })
  .openapi({ description: 'The communities with their shares, which add up to 10,000' })

export const CreateCommunityGroup = z
  .strictObject({ ...group, members: Members })
  .openapi('CreateCommunityGroup')
export type CreateCommunityGroup = z.input<typeof CreateCommunityGroup>

export const ChangeCommunityGroup = z
  .strictObject({ ...group, members: Members })
  .openapi('ChangeCommunityGroup')
export type ChangeCommunityGroup = z.input<typeof ChangeCommunityGroup>

export const CommunityGroup = z
  .object({
    id: z.uuid(),
    ...group,
    members: z.array(z.object({ areaId: z.uuid(), share: z.number().int(), subArea: z.string().nullable() })),
    version: z.number().int(),
    createdAt: z.iso.datetime(),
  })
  .openapi('CommunityGroup')
export type CommunityGroup = z.infer<typeof CommunityGroup>

export const CommunityGroupsQuery = PageQuery.extend({
  areaId: z.uuid().optional().openapi({ description: 'Only those with a member in this area' }),
  stationId: z.uuid().optional(),
})
export type CommunityGroupsQuery = z.infer<typeof CommunityGroupsQuery>

/** The five people a grid's team is made of. */
export const GridPost = z.enum([
  'grid_leader',
  'grid_assistant',
  'police_officer',
  'social_worker',
  'health_worker',
])
export type GridPost = z.infer<typeof GridPost>

export const PostState = z.enum(['filled', 'vacant'])
export type PostState = z.infer<typeof PostState>

export const SetGridPost = z.strictObject({ state: PostState }).openapi('SetGridPost')
export type SetGridPost = z.input<typeof SetGridPost> & { gridId: string; post: GridPost }

export const GridTeam = z
  .object({
    id: z.uuid().openapi({ description: 'Id of the grid, an area' }),
    code: z.string(),
    name: z.string(),
    posts: z.array(
      z.object({
        post: GridPost,
        state: PostState,
        changedAt: z.iso.datetime().nullable().openapi({ description: 'Null = never filled' }),
      }),
    ),
    vacancies: z.number().int(),
  })
  .openapi('GridTeam')
export type GridTeam = z.infer<typeof GridTeam>

export const GridTeamsQuery = PageQuery.extend({
  areaId: z.uuid().optional().openapi({ description: 'Only grids in this area' }),
  vacant: z
    .enum(['true', 'false'])
    .optional()
    .openapi({ description: 'true = only grids with a vacant post; false = only full teams' }),
})
export type GridTeamsQuery = z.infer<typeof GridTeamsQuery>
