import type { Reloaded } from '../../app.ts';
import type { ServedSettings } from '../served-settings.ts';

/** What the primary tells a worker. */
export type Order =
  /** The first: open the stores and take requests. */
  | { readonly order: 'serve'; readonly settings: ServedSettings }
  | { readonly order: 'reload'; readonly id: number; readonly settings: ServedSettings }
  /** Answer what was accepted, then end. */
  | { readonly order: 'stop' };

/** What a worker tells the primary. */
export type Report =
  | { readonly report: 'listening'; readonly url: string }
  | ({ readonly report: 'reloaded'; readonly id: number } & ReloadAnswer)
  /** It takes no more requests and will end, because of an error that nobody expected. */
  | { readonly report: 'failing' };

/** What became of other settings; with problems, all stayed as it was. */
export type ReloadAnswer = { readonly reloaded: Reloaded } | { readonly problems: readonly string[] };
