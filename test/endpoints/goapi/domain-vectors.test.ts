import { openStore } from '../../../src/stores/open-store.ts';
import { isOwnStore } from '../../../src/stores/store-config.ts';
import { loadDataset } from '../../support/dataset.ts';
import { fillDomains, startDomains, writeDomains } from '../../support/domain-app.ts';
import { temporaryFolder } from '../../support/test-app.ts';
import { contractVectors } from './contract-vectors.ts';

contractVectors('every vector of the contract, from one of several domains', async () => {
  const config = writeDomains(temporaryFolder(), {
    other: { hosts: ['other.example'] },
    page: { hosts: ['page.example'] },
    third: { fallback: true },
  });
  await fillDomains({ ...config, domains: config.domains.filter(({ name }) => name !== 'page') });
  const page = config.domains.find(({ name }) => name === 'page')?.config;
  if (page === undefined || !isOwnStore(page)) throw new Error('no store to fill');
  const store = openStore(page, { create: true });
  await loadDataset(store);
  await store.close();
  const { app, url } = await startDomains(config);
  return { url, headers: { host: 'Page.example:443' }, close: () => app.close() };
});
