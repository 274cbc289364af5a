import type { Reloaded } from '../app.ts';
import type { Snapshot } from '../observe/exposition.ts';
import type { ServedSettings } from '../process/serve-app.ts';

/** What the primary tells a worker. */
export type Command =
  /** The first: open the stores and take requests. */
  | { readonly order: 'serve'; readonly settings: ServedSettings }
  | { readonly order: 'reload'; readonly id: number; readonly settings: ServedSettings }
  /** Say what you have measured. */
  | { readonly order: 'measure'; readonly id: number }
  /** The metrics of all workers, for one that was asked for them. */
  | { readonly order: 'metrics'; readonly id: number; readonly text: string }
  /** Answer what was accepted, then end. */
  | { readonly order: 'stop' };

/** What a worker tells the primary. */
export type WorkerEvent =
  | { readonly report: 'listening'; readonly url: string }
  | ({ readonly report: 'reloaded'; readonly id: number } & ReloadAnswer)
  /** By order, or (0) of itself from time to time, so that little is forgotten when it is killed. */
  | { readonly report: 'measured'; readonly id: number; readonly measured: Snapshot }
  /** Somebody asks for the metrics of all. */
  | { readonly report: 'metrics wanted'; readonly id: number }
  /** It takes no more requests and will end, because of an error that nobody expected. */
  | { readonly report: 'failing' };

/** What became of other settings; with problems, all stayed as it was. */
export type ReloadAnswer = { readonly reloaded: Reloaded } | { readonly problems: readonly string[] };
