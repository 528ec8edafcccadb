import { findingRoutes } from './finding-routes.ts'
import { grievanceRoutes } from './grievance-routes.ts'
import { inspectionRoutes } from './inspection-routes.ts'
import { suspensionRoutes } from './suspension-routes.ts'

export const routes = [
  ...inspectionRoutes,
  ...findingRoutes,
  ...grievanceRoutes,
  ...suspensionRoutes,
] as const
