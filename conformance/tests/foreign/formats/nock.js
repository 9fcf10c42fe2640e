nock('https://pets.example:443', {"encodedQueryParams":true})
  .get('/pets/7')
  .reply(200, {"id":7});
