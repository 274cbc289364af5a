import type { Config } from '../../config/settings.ts';
import type { Store } from '../store.ts';
import type { TellStoreEvent } from '../store-event.ts';

export function openDialer(_config: Config, _tell?: TellStoreEvent): Store {
  throw new Error('not built yet');
}
